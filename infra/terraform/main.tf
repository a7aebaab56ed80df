data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
  account   = data.aws_caller_identity.current.account_id

  bucket_name = coalesce(var.bucket_name, "${var.relay_id}-contexts-${local.account}-${local.region}")
  table_name  = coalesce(var.table_name, "${var.relay_id}-audit")
  bucket_arn  = "arn:${local.partition}:s3:::${local.bucket_name}"
  table_arn   = "arn:${local.partition}:dynamodb:${local.region}:${local.account}:table/${local.table_name}"

  functions = { for name, agent in var.agents : name => agent.function if agent.function != null }
  services  = { for name, agent in var.agents : name => agent.service if agent.service != null }
  producers = { for name, agent in var.agents : name => agent if agent.producer }
  # Both run nothing of an agent's.
  reconcilers = { for name, function in { reconciler = var.reconciler, full-reconciler = var.full_reconciler } : name => function if function != null }

  # As ensureResources() of @agenthandoff/aws makes them; a test compares.
  queues = {
    for name, agent in var.agents : name => {
      name                          = "${var.relay_id}-${name}.fifo"
      fifo                          = true
      visibility_seconds            = coalesce(agent.visibility_seconds, max(120, 6 * try(agent.function.timeout_seconds, 0)))
      retention_seconds             = 1209600
      max_message_bytes             = 1048576
      max_receive_count             = var.max_receive_count
      dead_letter_name              = "${var.relay_id}-${name}-dead.fifo"
      dead_letter_fifo              = true
      dead_letter_retention_seconds = 1209600
    }
  }
  queue_arns       = { for name, queue in local.queues : name => "arn:${local.partition}:sqs:${local.region}:${local.account}:${queue.name}" }
  dead_letter_arns = { for name, queue in local.queues : name => "arn:${local.partition}:sqs:${local.region}:${local.account}:${queue.dead_letter_name}" }

  # What `aws()` takes, as it is.
  resources = {
    bucket = aws_s3_bucket.contexts.bucket
    table  = aws_dynamodb_table.audit.name
    queues = {
      for name in keys(var.agents) : name => {
        url           = aws_sqs_queue.agent[name].url
        deadLetterUrl = aws_sqs_queue.dead_letters[name].url
      }
    }
  }
  # Where the relay lives, for each function and container.
  environment = {
    RESOURCES = jsonencode(merge({ relayId = var.relay_id }, var.prefix == "" ? {} : { prefix = var.prefix }, local.resources))
  }
}

module "rules" {
  source = "./modules/rules"

  relay_id        = var.relay_id
  agents          = var.agents
  queues          = local.queues
  packages        = merge(local.functions, local.reconcilers)
  max_attempts    = var.max_attempts
  has_network     = var.network != null
  prefix          = var.prefix
  producer_prefix = var.producer_prefix
  environment_bytes = max(0, [
    for function in values(merge(local.functions, local.reconcilers)) :
    length(jsonencode(function.environment)) + length(var.relay_id) + length(var.prefix) + length(local.bucket_name) + length(local.table_name) + 100 + sum([
      for queue in values(local.queues) : length(queue.name) + length(queue.dead_letter_name) + 2 * length("https://sqs.${local.region}.amazonaws.com/${local.account}/") + 40
    ])
  ]...)
  names = {
    queue    = { longest = 80, names = flatten([for queue in values(local.queues) : [queue.name, queue.dead_letter_name]]) }
    bucket   = { longest = 63, names = [local.bucket_name] }
    table    = { longest = 255, names = [local.table_name] }
    function = { longest = 64, names = [for name in concat(keys(local.functions), keys(local.reconcilers)) : "${var.relay_id}-${name}"] }
    role = {
      longest = 64
      names   = [for name in concat(keys(local.functions), keys(local.services), keys(local.reconcilers), ["scheduler", "execution", "eraser"]) : "${var.relay_id}-${name}"]
    }
  }
}
