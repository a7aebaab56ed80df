locals {
  # The agents' and the reconcilers': one role, one log and one function each.
  lambdas      = merge(local.functions, local.reconcilers)
  lambda_names = { for name in keys(local.lambdas) : name => "${var.relay_id}-${name}" }
  log_groups   = concat([for name in values(local.lambda_names) : "/aws/lambda/${name}"], [for name in keys(local.services) : "/ecs/${var.relay_id}/${name}"])
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.lambdas

  name              = "/aws/lambda/${local.lambda_names[each.key]}"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.key_arn
  tags              = var.tags
}

resource "aws_iam_role" "function" {
  for_each = local.lambdas

  name               = local.lambda_names[each.key]
  assume_role_policy = local.assumed_by["lambda"]
  tags               = var.tags
}

resource "aws_iam_role_policy" "function" {
  for_each = local.lambdas

  name   = "relay"
  role   = aws_iam_role.function[each.key].id
  policy = jsonencode({ Version = "2012-10-17", Statement = merge(local.agent_statements, local.reconciler_statements)[each.key] })
}

resource "aws_iam_role_policy" "function_log" {
  for_each = local.lambdas

  name = "log"
  role = aws_iam_role.function[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Log"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/lambda/${local.lambda_names[each.key]}:*"]
    }]
  })
}

resource "aws_lambda_function" "relay" {
  #checkov:skip=CKV_AWS_50:The relay passes trace headers on by itself; X-Ray would be one more service that sees what agents do
  #checkov:skip=CKV_AWS_116:Such a queue is for asynchronous invocations; messages of agents have theirs, and the next schedule does what a reconciler did not
  #checkov:skip=CKV_AWS_117:S3, SQS and DynamoDB are reached without a network of one's own, by roles and encrypted connections
  #checkov:skip=CKV_AWS_272:Who may deploy code is decided where it is built
  for_each = local.lambdas

  function_name     = local.lambda_names[each.key]
  role              = aws_iam_role.function[each.key].arn
  package_type      = each.value.image_uri == null ? "Zip" : "Image"
  filename          = each.value.filename
  s3_bucket         = each.value.s3_bucket
  s3_key            = each.value.s3_key
  s3_object_version = each.value.s3_object_version
  image_uri         = each.value.image_uri
  source_code_hash  = each.value.source_code_hash
  handler           = each.value.image_uri == null ? each.value.handler : null
  runtime           = each.value.image_uri == null ? each.value.runtime : null
  architectures     = [each.value.architecture]
  timeout           = each.value.timeout_seconds
  memory_size       = each.value.memory_mb
  kms_key_arn       = local.key_arn
  tags              = var.tags

  reserved_concurrent_executions = try(each.value.reserved_concurrency, null)

  environment {
    variables = merge(local.environment, each.value.environment)
  }

  depends_on = [
    module.rules,
    aws_cloudwatch_log_group.function,
    aws_iam_role_policy.function,
    aws_iam_role_policy.function_log,
  ]
}

resource "aws_lambda_event_source_mapping" "agent" {
  for_each = local.functions

  event_source_arn = aws_sqs_queue.agent[each.key].arn
  function_name    = aws_lambda_function.relay[each.key].arn
  batch_size       = each.value.batch_size
  # Without it one message that is given back brings back its batch.
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  dynamic "scaling_config" {
    for_each = each.value.maximum_concurrency == null ? [] : [each.value.maximum_concurrency]

    content {
      maximum_concurrency = scaling_config.value
    }
  }
}
