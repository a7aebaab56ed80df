resource "aws_scheduler_schedule_group" "reconcilers" {
  count = length(local.reconcilers) == 0 ? 0 : 1

  name = "${var.relay_id}-reconcilers"
  tags = var.tags
}

resource "aws_iam_role" "scheduler" {
  count = length(local.reconcilers) == 0 ? 0 : 1

  name               = "${var.relay_id}-scheduler"
  assume_role_policy = local.assumed_by["scheduler"]
  tags               = var.tags
}

resource "aws_iam_role_policy" "scheduler" {
  count = length(local.reconcilers) == 0 ? 0 : 1

  name = "invoke"
  role = aws_iam_role.scheduler[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Invoke"
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = [for name in keys(local.reconcilers) : aws_lambda_function.relay[name].arn]
    }]
  })
}

resource "aws_scheduler_schedule" "reconciler" {
  #checkov:skip=CKV_AWS_297:A schedule has a name and a time, and nothing of any task
  for_each = local.reconcilers

  name                = "${var.relay_id}-${each.key}"
  group_name          = aws_scheduler_schedule_group.reconcilers[0].name
  schedule_expression = each.value.schedule

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.relay[each.key].arn
    role_arn = aws_iam_role.scheduler[0].arn

    # The next one does what this one did not.
    retry_policy {
      maximum_retry_attempts = 0
    }
  }
}
