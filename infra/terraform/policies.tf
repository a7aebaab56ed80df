# What each role may do: the actions of the drivers' tables of operations (the section IAM of their READMEs) that its work
# takes, and no others; a test compares.

locals {
  slots     = "${local.bucket_arn}/${local.root}/slots/*"
  blobs     = "${local.bucket_arn}/${local.root}/blobs/*"
  runs      = "${local.bucket_arn}/${local.root}/runs/*"
  index_arn = "${local.table_arn}/index"

  producer_objects = [for name in keys(local.producers) : "${local.bucket_arn}/${var.producer_prefix}${name}/*"]

  # Keys of the table and of its indexes begin with the relay; byDamage has the relay alone.
  of_this_relay = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = [var.relay_id, "${var.relay_id}#*"] } }

  # Statements, by what they are for.
  contexts = [
    {
      Sid      = "Contexts"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
      Resource = [local.slots, local.blobs, local.runs]
    },
    {
      # Finds out whether the bucket keeps conditions.
      Sid      = "Probe"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = ["${local.bucket_arn}/${var.prefix}_agenthandoff/conditional-writes"]
    },
    {
      # Without it S3 does not tell what is missing.
      Sid       = "Listing"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [local.bucket_arn]
      Condition = { StringLike = { "s3:prefix" = concat(["${local.root}/*"], [for name in keys(local.producers) : "${var.producer_prefix}${name}/*"]) } }
    },
    {
      Sid      = "Key"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [local.key_arn]
      Condition = { StringEquals = { "kms:ViaService" = [
        "s3.${local.region}.amazonaws.com", "sqs.${local.region}.amazonaws.com", "lambda.${local.region}.amazonaws.com",
      ] } }
    },
  ]
  producer_contexts = length(local.producers) == 0 ? [] : [
    {
      Sid      = "ObjectsOfProducers"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = local.producer_objects
    },
  ]

  sweeping = [
    {
      Sid      = "Sweeping"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
      Resource = [local.blobs, local.runs]
    },
    {
      Sid       = "Versions"
      Effect    = "Allow"
      Action    = ["s3:ListBucketVersions"]
      Resource  = [local.bucket_arn]
      Condition = { StringLike = { "s3:prefix" = ["${local.root}/*"] } }
    },
  ]
  # An overwritten slot stays where it is: only its old versions go.
  erasing = [
    {
      Sid      = "OldVersionsOfSlots"
      Effect   = "Allow"
      Action   = ["s3:DeleteObjectVersion"]
      Resource = [local.slots]
    },
    {
      Sid       = "Blanking"
      Effect    = "Allow"
      Action    = ["dynamodb:UpdateItem"]
      Resource  = [local.table_arn]
      Condition = local.of_this_relay
    },
  ]

  agent_audit = [
    {
      Sid       = "Audit"
      Effect    = "Allow"
      Action    = ["dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
      Resource  = [local.table_arn]
      Condition = local.of_this_relay
    },
    {
      Sid       = "Attempts"
      Effect    = "Allow"
      Action    = ["dynamodb:Query"]
      Resource  = ["${local.index_arn}/byHop"]
      Condition = local.of_this_relay
    },
  ]
  caller_audit = [
    {
      Sid       = "Audit"
      Effect    = "Allow"
      Action    = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"]
      Resource  = [local.table_arn]
      Condition = local.of_this_relay
    },
    {
      Sid       = "Listings"
      Effect    = "Allow"
      Action    = ["dynamodb:Query"]
      Resource  = [for index in ["byAgent", "byDamage", "byHop", "byStatus"] : "${local.index_arn}/${index}"]
      Condition = local.of_this_relay
    },
  ]
  reconciler_audit = [
    {
      Sid       = "Audit"
      Effect    = "Allow"
      Action    = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
      Resource  = [local.table_arn]
      Condition = local.of_this_relay
    },
    {
      Sid       = "Listings"
      Effect    = "Allow"
      Action    = ["dynamodb:Query"]
      Resource  = [for index in ["byDamage", "byHop", "byStatus"] : "${local.index_arn}/${index}"]
      Condition = local.of_this_relay
    },
  ]
  sending_to_all = [
    {
      Sid      = "Sending"
      Effect   = "Allow"
      Action   = ["sqs:SendMessage"]
      Resource = values(local.queue_arns)
    },
  ]

  # A worker reconciles unless it is told not to: where no function does, or where a service says so.
  reconciling = [for name, service in local.services : name if coalesce(service.reconciles, var.reconciler == null)]

  # Of each agent, wherever it runs.
  agent_statements = {
    for name, agent in var.agents : name => concat(
      local.contexts,
      local.producer_contexts,
      [for statement in local.agent_audit : statement if !contains(local.reconciling, name)],
      [for statement in concat(local.reconciler_audit, local.sending_to_all) : statement if contains(local.reconciling, name)],
      [for statement in concat(local.sweeping, local.erasing) : statement if contains(local.reconciling, name) && local.erases],
      [
        {
          Sid      = "OwnQueue"
          Effect   = "Allow"
          Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
          Resource = [local.queue_arns[name]]
        },
        {
          Sid    = "HandingOn"
          Effect = "Allow"
          Action = ["sqs:SendMessage"]
          Resource = concat(
            [for target in agent.hands_to : local.queue_arns[target] if contains(keys(local.queue_arns), target)],
            # What a producer puts here becomes a hop, and comes again as its envelope.
            [for producer in values(local.producers) : local.queue_arns[name] if contains(producer.hands_to, name)],
            [local.dead_letter_arns[name]],
          )
        },
      ],
      # Where Lambda does not do it, a worker makes sure by itself that queues and table are as they must be.
      agent.function != null ? [] : [
        {
          Sid      = "Checks"
          Effect   = "Allow"
          Action   = ["sqs:GetQueueAttributes"]
          Resource = [local.dead_letter_arns[name]]
        },
        {
          Sid      = "TableChecks"
          Effect   = "Allow"
          Action   = ["dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive"]
          Resource = [local.table_arn]
        },
      ],
    )
  }

  # The reconciler erases a second time, when no run can be left.
  erases = length(var.eraser_principals) > 0
  any_reconciler = concat(
    local.contexts, local.producer_contexts, local.reconciler_audit, local.sending_to_all,
    [for statement in local.erasing : statement if local.erases],
  )
  reconciler_statements = {
    reconciler      = concat(local.any_reconciler, [for statement in local.sweeping : statement if local.erases])
    full-reconciler = concat(local.any_reconciler, local.sweeping)
  }
  caller_statements = concat(local.contexts, local.caller_audit, local.sending_to_all)
  eraser_statements = concat(local.caller_statements, local.sweeping, local.erasing)
  operator_statements = [
    {
      Sid    = "DeadLetters"
      Effect = "Allow"
      Action = [
        "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ListMessageMoveTasks",
        "sqs:ReceiveMessage", "sqs:StartMessageMoveTask",
      ]
      Resource = values(local.dead_letter_arns)
    },
    {
      Sid      = "Redriving"
      Effect   = "Allow"
      Action   = ["sqs:GetQueueAttributes", "sqs:SendMessage"]
      Resource = values(local.queue_arns)
    },
    {
      Sid       = "Key"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = [local.key_arn]
      Condition = { StringEquals = { "kms:ViaService" = ["sqs.${local.region}.amazonaws.com"] } }
    },
  ]
  producer_statements = {
    for name, producer in local.producers : name => [
      {
        Sid      = "OwnObjects"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${local.bucket_arn}/${var.producer_prefix}${name}/*"]
      },
      {
        Sid      = "Sending"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = [for target in producer.hands_to : local.queue_arns[target] if contains(keys(local.queue_arns), target)]
      },
      {
        # Tasks that are handed back to it.
        Sid      = "OwnQueue"
        Effect   = "Allow"
        Action   = ["sqs:DeleteMessage", "sqs:ReceiveMessage"]
        Resource = [local.queue_arns[name]]
      },
      {
        Sid      = "Key"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [local.key_arn]
        Condition = { StringEquals = { "kms:ViaService" = [
          "s3.${local.region}.amazonaws.com", "sqs.${local.region}.amazonaws.com",
        ] } }
      },
    ]
  }

  role_arn      = { for name in concat(keys(local.reconcilers), local.reconciling, ["eraser"]) : name => "arn:${local.partition}:iam::${local.account}:role/${var.relay_id}-${name}" }
  erasing_roles = [for role in values(local.role_arn) : role if local.erases]

  assumed_by = {
    for service in ["lambda", "ecs-tasks", "scheduler"] : service => jsonencode({
      Version = "2012-10-17"
      Statement = [merge(
        { Effect = "Allow", Principal = { Service = "${service}.amazonaws.com" }, Action = "sts:AssumeRole" },
        service == "lambda" ? {} : { Condition = { StringEquals = { "aws:SourceAccount" = local.account } } },
      )]
    })
  }
}
