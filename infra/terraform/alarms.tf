resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  for_each = local.queues

  alarm_name          = "${var.relay_id}-${each.key}-dead-letters"
  alarm_description   = "A message for ${each.key} could not be used by anybody, or killed its reader over and over. List the dead letters with their reasons, mend, and redrive."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters[each.key].name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "oldest_message" {
  for_each = local.queues

  alarm_name          = "${var.relay_id}-${each.key}-oldest-message"
  alarm_description   = "A message for ${each.key} has waited for long: nobody works, too few do, or what they need fails."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.agent[each.key].name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.oldest_message_alarm_seconds
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "reconciler_errors" {
  for_each = local.reconcilers

  alarm_name          = "${var.relay_id}-${each.key}-errors"
  alarm_description   = "The reconciler failed three times, or its time was too short: what a crash left behind stays. Its log tells why."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = aws_lambda_function.relay[each.key].function_name }
  statistic           = "Sum"
  period              = each.key == "reconciler" ? 900 : 86400
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.key == "reconciler" ? 3 : 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "reconciler_silent" {
  for_each = local.reconcilers

  alarm_name          = "${var.relay_id}-${each.key}-silent"
  alarm_description   = "The reconciler has not run for a day: its schedule, or the role that invokes it, does not work."
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  dimensions          = { FunctionName = aws_lambda_function.relay[each.key].function_name }
  statistic           = "Sum"
  period              = 86400
  evaluation_periods  = 1
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}

# What reconcileHandler(relay, { metrics: true }) counts: such tasks leave no dead letter.
resource "aws_cloudwatch_metric_alarm" "resting" {
  for_each = var.reconciler == null ? {} : {
    failed-tasks       = ["FailedTasks", "Tasks failed, and nobody has retried or canceled them. Their audit tells why."]
    tasks-waiting-long = ["TasksWaitingLong", "Tasks have waited for an answer for long. Answer or cancel them."]
  }

  alarm_name          = "${var.relay_id}-${each.key}"
  alarm_description   = each.value[1]
  namespace           = "AgentHandoff"
  metric_name         = each.value[0]
  dimensions          = { service = var.relay_id }
  statistic           = "Maximum"
  period              = 900
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}

# What reconcileHandler() warns of, unless it is told to report otherwise.
resource "aws_cloudwatch_log_metric_filter" "damaged" {
  for_each = local.reconcilers

  name           = "${var.relay_id}-${each.key}-damaged"
  log_group_name = aws_cloudwatch_log_group.function[each.key].name
  pattern        = "?\"is damaged:\" ?\"could not be looked at:\""

  metric_transformation {
    name      = "${each.key}-damaged-tasks"
    namespace = "AgentHandoff/${var.relay_id}"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "damaged" {
  for_each = local.reconcilers

  alarm_name          = "${var.relay_id}-${each.key}-damaged"
  alarm_description   = "The reconciler found tasks whose chain does not verify, or that it could not look at. Its log names them."
  namespace           = "AgentHandoff/${var.relay_id}"
  metric_name         = aws_cloudwatch_log_metric_filter.damaged[each.key].metric_transformation[0].name
  statistic           = "Sum"
  period              = 900
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}
