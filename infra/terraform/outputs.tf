output "resources" {
  description = "What `aws()` takes, as it is: `{ bucket, table, queues: { <agent>: { url, deadLetterUrl } } }`."
  value       = local.resources
}

output "environment" {
  description = "What each function and container is told: where the relay lives, as JSON in RESOURCES."
  value       = local.environment
}

output "bucket_arn" {
  description = "The bucket of the contexts."
  value       = aws_s3_bucket.contexts.arn
}

output "table_arn" {
  description = "The table of the audit log."
  value       = aws_dynamodb_table.audit.arn
}

output "queue_arns" {
  description = "The ARNs of the queues, by agent."
  value       = { for name in keys(var.agents) : name => aws_sqs_queue.agent[name].arn }
}

output "dead_letter_arns" {
  description = "The ARNs of the dead-letter queues, by agent."
  value       = { for name in keys(var.agents) : name => aws_sqs_queue.dead_letters[name].arn }
}

output "kms_key_arn" {
  description = "The key that encrypts everything."
  value       = local.key_arn
}

output "key_policy" {
  description = "The policy that a key of your own needs, as JSON."
  value       = jsonencode(local.key_policy)
}

output "function_arns" {
  description = "The functions, by agent, and `reconciler` and `full-reconciler` where there are."
  value       = { for name, function in aws_lambda_function.relay : name => function.arn }
}

output "role_arns" {
  description = "The role of each agent that runs here, and of the reconcilers."
  value       = merge({ for name, role in aws_iam_role.function : name => role.arn }, { for name, role in aws_iam_role.service : name => role.arn })
}

output "agent_policies" {
  description = "What each agent may do, as JSON: for a role of your own where it runs elsewhere."
  value       = { for name, statements in local.agent_statements : name => jsonencode({ Version = "2012-10-17", Statement = statements }) }
}

output "caller_policy_arn" {
  description = "The policy of whoever starts, answers, retries, cancels and watches tasks."
  value       = aws_iam_policy.caller.arn
}

output "operator_policy_arn" {
  description = "The policy of whoever lists and redrives dead letters."
  value       = aws_iam_policy.operator.arn
}

output "producer_policy_arns" {
  description = "The policy of each producer."
  value       = { for name, policy in aws_iam_policy.producer : name => policy.arn }
}

output "eraser_role_arn" {
  description = "The role that erases tasks, or null."
  value       = one(aws_iam_role.eraser[*].arn)
}

output "cluster_arn" {
  description = "The cluster of the services, or null."
  value       = local.cluster_arn
}

output "alarm_names" {
  description = "The alarms, to put on a dashboard."
  value = sort(concat(
    [for alarm in aws_cloudwatch_metric_alarm.dead_letters : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.oldest_message : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.reconciler_errors : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.reconciler_silent : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.resting : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.damaged : alarm.alarm_name],
  ))
}
