resource "aws_sqs_queue" "dead_letters" {
  for_each = local.queues

  name                              = each.value.dead_letter_name
  fifo_queue                        = each.value.dead_letter_fifo
  deduplication_scope               = "messageGroup"
  fifo_throughput_limit             = "perMessageGroupId"
  message_retention_seconds         = each.value.dead_letter_retention_seconds
  max_message_size                  = each.value.max_message_bytes
  kms_master_key_id                 = local.key_arn
  kms_data_key_reuse_period_seconds = 300
  tags                              = var.tags

  depends_on = [module.rules]
}

resource "aws_sqs_queue" "agent" {
  for_each = local.queues

  name                              = each.value.name
  fifo_queue                        = each.value.fifo
  deduplication_scope               = "messageGroup"
  fifo_throughput_limit             = "perMessageGroupId"
  visibility_timeout_seconds        = each.value.visibility_seconds
  message_retention_seconds         = each.value.retention_seconds
  max_message_size                  = each.value.max_message_bytes
  kms_master_key_id                 = local.key_arn
  kms_data_key_reuse_period_seconds = 300
  tags                              = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters[each.key].arn
    maxReceiveCount     = each.value.max_receive_count
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  for_each = local.queues

  queue_url = aws_sqs_queue.dead_letters[each.key].id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.agent[each.key].arn]
  })
}

resource "aws_sqs_queue_policy" "encrypted_connections_only" {
  for_each = merge(
    { for name, queue in local.queues : queue.name => { url = aws_sqs_queue.agent[name].id, arn = local.queue_arns[name] } },
    { for name, queue in local.queues : queue.dead_letter_name => { url = aws_sqs_queue.dead_letters[name].id, arn = local.dead_letter_arns[name] } },
  )

  queue_url = each.value.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EncryptedConnectionsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = each.value.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
