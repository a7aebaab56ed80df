# Of persons and processes beside the relay; those of agents and reconcilers stand beside what runs them.

resource "aws_iam_policy" "caller" {
  name        = "${var.relay_id}-caller"
  description = "Starts, answers, retries, cancels and watches tasks of the relay ${var.relay_id}"
  policy      = jsonencode({ Version = "2012-10-17", Statement = local.caller_statements })
  tags        = var.tags
}

resource "aws_iam_policy" "operator" {
  name        = "${var.relay_id}-operator"
  description = "Lists and redrives dead letters of the relay ${var.relay_id}"
  policy      = jsonencode({ Version = "2012-10-17", Statement = local.operator_statements })
  tags        = var.tags
}

resource "aws_iam_policy" "producer" {
  for_each = local.producers

  name        = "${var.relay_id}-producer-${each.key}"
  description = "Starts and continues chains of the relay ${var.relay_id} as ${each.key}"
  policy      = jsonencode({ Version = "2012-10-17", Statement = local.producer_statements[each.key] })
  tags        = var.tags
}

resource "aws_iam_role" "eraser" {
  count = length(var.eraser_principals) == 0 ? 0 : 1

  name        = "${var.relay_id}-eraser"
  description = "Erases tasks of the relay ${var.relay_id}"
  tags        = var.tags
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = var.eraser_principals }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "eraser" {
  count = length(var.eraser_principals) == 0 ? 0 : 1

  name   = "relay"
  role   = aws_iam_role.eraser[0].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.eraser_statements })
}
