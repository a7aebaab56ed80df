variable "relay_id" {
  description = "The relay's id, as in `createRelay({ id })`: it begins the names of everything here."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,62}$", var.relay_id))
    error_message = "relay_id must match [a-z0-9][a-z0-9-]{0,62}, as createRelay has it: use lower-case letters, digits and hyphens."
  }
}

variable "agents" {
  description = <<-EOT
    The relay's agents, by name. Each gets a FIFO queue, a FIFO dead-letter queue, a policy and, where it runs here, a role of
    its own. `function` runs it as a Lambda function, `service` as containers on Fargate; with neither it runs elsewhere. A
    `producer` is in another language and sends what `acceptUnversioned` accepts: it may put objects under
    `<producer_prefix><name>/`, and nothing else.
  EOT
  type = map(object({
    hands_to           = optional(list(string), [])
    visibility_seconds = optional(number)
    producer           = optional(bool, false)

    function = optional(object({
      filename             = optional(string)
      s3_bucket            = optional(string)
      s3_key               = optional(string)
      s3_object_version    = optional(string)
      image_uri            = optional(string)
      source_code_hash     = optional(string)
      handler              = optional(string, "index.handler")
      runtime              = optional(string, "nodejs22.x")
      architecture         = optional(string, "arm64")
      timeout_seconds      = optional(number, 120)
      memory_mb            = optional(number, 512)
      batch_size           = optional(number, 1)
      maximum_concurrency  = optional(number)
      reserved_concurrency = optional(number)
      environment          = optional(map(string), {})
    }))

    service = optional(object({
      image                 = string
      command               = optional(list(string))
      cpu                   = optional(number, 512)
      memory_mb             = optional(number, 1024)
      architecture          = optional(string, "X86_64")
      desired_count         = optional(number, 1)
      stop_timeout_seconds  = optional(number, 120)
      health_check          = optional(list(string))
      environment           = optional(map(string), {})
      read_only_file_system = optional(bool, false)
      reconciles            = optional(bool)
    }))
  }))

  validation {
    condition     = length(var.agents) > 0
    error_message = "agents must name at least one agent: agents = { research = { … } }."
  }
  validation {
    condition     = alltrue([for name in keys(var.agents) : can(regex("^[a-z0-9][a-z0-9-]{0,62}$", name))])
    error_message = "Each agent's name must match [a-z0-9][a-z0-9-]{0,62}, as defineAgent has it: use lower-case letters, digits and hyphens."
  }
  validation {
    condition = alltrue([
      for agent in values(var.agents) : agent.function == null ? true : contains(["arm64", "x86_64"], agent.function.architecture)
    ])
    error_message = "A function's architecture must be \"arm64\" or \"x86_64\": the one its package was built for."
  }
  validation {
    condition = alltrue([
      for agent in values(var.agents) : agent.service == null ? true : contains(["ARM64", "X86_64"], agent.service.architecture)
    ])
    error_message = "A service's architecture must be \"ARM64\" or \"X86_64\": the one its image was built for."
  }
  validation {
    condition = alltrue([
      for agent in values(var.agents) : agent.function == null ? true :
      agent.function.memory_mb >= 128 && agent.function.memory_mb <= 10240 && floor(agent.function.memory_mb) == agent.function.memory_mb
    ])
    error_message = "A function's memory_mb must be a whole number from 128 to 10240, as Lambda has it."
  }
  validation {
    condition = alltrue([
      for agent in values(var.agents) : agent.service == null ? true :
      agent.service.desired_count >= 0 && floor(agent.service.desired_count) == agent.service.desired_count
    ])
    error_message = "A service's desired_count must be a whole number, at least 0: how many containers shall run."
  }
  validation {
    condition = alltrue([
      for agent in values(var.agents) : agent.service == null ? true :
      agent.service.stop_timeout_seconds >= 30 && agent.service.stop_timeout_seconds <= 120
    ])
    error_message = "A service's stop_timeout_seconds must be from 30 to 120, the longest that Fargate waits between SIGTERM and SIGKILL."
  }
}

variable "bucket_name" {
  description = "The bucket of the contexts. Default: `<relay_id>-contexts-<account>-<region>`."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_name == null ? true : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket_name)) && !endswith(var.bucket_name, "--x-s3")
    error_message = "bucket_name must be the name of a general purpose bucket: 3 to 63 lower-case letters, digits, dots and hyphens. Directory buckets (--x-s3) list keys in no order, so they cannot be used."
  }
}

variable "table_name" {
  description = "The table of the audit log. Default: `<relay_id>-audit`."
  type        = string
  default     = null

  validation {
    condition     = var.table_name == null ? true : can(regex("^[A-Za-z0-9_.-]{3,255}$", var.table_name))
    error_message = "table_name must be 3 to 255 letters, digits, dots, hyphens and underscores, as DynamoDB has it."
  }
}

variable "prefix" {
  description = "Put before every key in the bucket, as in `aws({ prefix })`. Empty, or ends with `/`."
  type        = string
  default     = ""

  validation {
    condition     = var.prefix == "" || can(regex("^([A-Za-z0-9!_.'()-]+/)+$", var.prefix)) && length(var.prefix) <= 200 && length(regexall("(^|/)[.]{1,2}/", var.prefix)) == 0
    error_message = "prefix must be empty, or parts that each end with \"/\", such as \"relays/\", at most 200 characters, without \".\" and \"..\" as parts: the same as in aws({ prefix })."
  }
}

variable "max_attempts" {
  description = "The relay's `maxAttempts`: how often an agent may run for one hop. Compared with `max_receive_count`."
  type        = number
  default     = 3

  validation {
    condition     = var.max_attempts >= 1 && var.max_attempts <= 100 && floor(var.max_attempts) == var.max_attempts
    error_message = "max_attempts must be a whole number from 1 to 100: the same as in createRelay({ maxAttempts })."
  }
}

variable "max_receive_count" {
  description = "How often a message is received before its queue buries it: a last resort, so 10 × `max_attempts` or more."
  type        = number
  default     = 100

  validation {
    condition     = var.max_receive_count >= 1 && var.max_receive_count <= 1000 && floor(var.max_receive_count) == var.max_receive_count
    error_message = "max_receive_count must be a whole number from 1 to 1000, as SQS has it."
  }
}

variable "audit_retention" {
  description = "Whether DynamoDB deletes events that have outlived `auditRetentionDays` of `aws()`. Without that option nothing expires."
  type        = bool
  default     = true
  nullable    = false
}

variable "noncurrent_days" {
  description = "For how many days old versions are kept of blobs and of what attempts leave behind. Slots have no such rule."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_days >= 1 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days must be a whole number of days, at least 1, as S3's lifecycle rules have it."
  }
}

variable "kms_key_arn" {
  description = "The key that encrypts bucket, queues, table, logs and functions' environment. Default: one that this module makes. A key of your own needs the statements of the output `key_policy`."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key, arn:aws:kms:<region>:<account>:key/<id>: give the key's ARN, not that of an alias."
  }
}

variable "access_log_bucket" {
  description = "A bucket that takes S3's access logs of the contexts, if they are wanted. It must allow `logging.s3.amazonaws.com` to write."
  type        = string
  default     = null

  validation {
    condition     = var.access_log_bucket == null ? true : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.access_log_bucket))
    error_message = "access_log_bucket must be a bucket's name, not its ARN."
  }
}

variable "reconciler" {
  description = <<-EOT
    The function of `reconcileHandler(relay)` and its schedule. Where only functions run agents, nobody else moves on what a crash
    left behind. Null: something else reconciles.
  EOT
  type = object({
    filename          = optional(string)
    s3_bucket         = optional(string)
    s3_key            = optional(string)
    s3_object_version = optional(string)
    image_uri         = optional(string)
    source_code_hash  = optional(string)
    handler           = optional(string, "index.handler")
    runtime           = optional(string, "nodejs22.x")
    architecture      = optional(string, "arm64")
    timeout_seconds   = optional(number, 300)
    memory_mb         = optional(number, 512)
    environment       = optional(map(string), {})
    schedule          = optional(string, "rate(5 minutes)")
  })
  default = null

  validation {
    condition     = var.reconciler == null ? true : can(regex("^(rate|cron)\\(.+\\)$", var.reconciler.schedule))
    error_message = "reconciler.schedule must be rate(…) or cron(…), as EventBridge Scheduler has it: rate(5 minutes)."
  }
  validation {
    condition     = var.reconciler == null ? true : contains(["arm64", "x86_64"], var.reconciler.architecture)
    error_message = "reconciler.architecture must be \"arm64\" or \"x86_64\": the one its package was built for."
  }
}

variable "full_reconciler" {
  description = "The function of `reconcileHandler(relay, { full: true })` and its schedule: walks the store itself, and sweeps what nobody names. Null: none, or a worker does it, which has more than 15 minutes."
  type = object({
    filename          = optional(string)
    s3_bucket         = optional(string)
    s3_key            = optional(string)
    s3_object_version = optional(string)
    image_uri         = optional(string)
    source_code_hash  = optional(string)
    handler           = optional(string, "index.handler")
    runtime           = optional(string, "nodejs22.x")
    architecture      = optional(string, "arm64")
    timeout_seconds   = optional(number, 900)
    memory_mb         = optional(number, 1024)
    environment       = optional(map(string), {})
    schedule          = optional(string, "cron(17 3 * * ? *)")
  })
  default = null

  validation {
    condition     = var.full_reconciler == null ? true : can(regex("^(rate|cron)\\(.+\\)$", var.full_reconciler.schedule))
    error_message = "full_reconciler.schedule must be rate(…) or cron(…), as EventBridge Scheduler has it: cron(17 3 * * ? *)."
  }
  validation {
    condition     = var.full_reconciler == null ? true : contains(["arm64", "x86_64"], var.full_reconciler.architecture)
    error_message = "full_reconciler.architecture must be \"arm64\" or \"x86_64\": the one its package was built for."
  }
}

variable "eraser_principals" {
  description = "ARNs of those who may take the role that erases tasks. Where there are any, the reconciler's roles may erase too, since it erases a second time when no run can be left. Empty: nobody can overwrite a slot."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for principal in var.eraser_principals : can(regex("^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:", principal))])
    error_message = "Each of eraser_principals must be the ARN of a role, a user or an account's root: arn:aws:iam::<account>:role/<name>."
  }
}

variable "producer_prefix" {
  description = "Where producers put their objects, as in `acceptUnversioned: { prefix }`."
  type        = string
  default     = "handoffs/"

  validation {
    condition     = can(regex("^([A-Za-z0-9!_.'()-]+/)+$", var.producer_prefix)) && length(regexall("(^|/)[.]{1,2}/", var.producer_prefix)) == 0
    error_message = "producer_prefix must be parts that each end with \"/\", such as \"handoffs/\": the same as in acceptUnversioned: { prefix }."
  }
}

variable "network" {
  description = "Where services run. Their security groups need to let out HTTPS to S3, SQS, DynamoDB, KMS, CloudWatch Logs and the registry of images, or their endpoints."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
    assign_public_ip   = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.network == null ? true : length(var.network.subnet_ids) > 0 && length(var.network.security_group_ids) > 0
    error_message = "network must name at least one subnet and one security group."
  }
}

variable "cluster_arn" {
  description = "An ECS cluster that services run in. Default: one that this module makes."
  type        = string
  default     = null

  validation {
    condition     = var.cluster_arn == null ? true : can(regex("^arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:cluster/", var.cluster_arn))
    error_message = "cluster_arn must be the ARN of an ECS cluster: arn:aws:ecs:<region>:<account>:cluster/<name>."
  }
}

variable "alarm_actions" {
  description = "ARNs that alarms notify, such as an SNS topic. Empty: alarms only show."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.alarm_actions) <= 5 && alltrue([for action in var.alarm_actions : startswith(action, "arn:")])
    error_message = "alarm_actions must be at most 5 ARNs, as CloudWatch has it: that of an SNS topic, for example."
  }
}

variable "oldest_message_alarm_seconds" {
  description = "How old a queue's oldest message may be before its alarm goes off. A message that is worked on counts too, so longer than the longest run."
  type        = number
  default     = 3600

  validation {
    condition     = var.oldest_message_alarm_seconds >= 60 && floor(var.oldest_message_alarm_seconds) == var.oldest_message_alarm_seconds
    error_message = "oldest_message_alarm_seconds must be a whole number of seconds, at least 60."
  }
}

variable "log_retention_days" {
  description = "For how long CloudWatch keeps logs."
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of those that CloudWatch Logs has: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "deletion_protection" {
  description = "Whether the table refuses to be deleted."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.tags) <= 40 && alltrue([for name in keys(var.tags) : !startswith(lower(name), "aws:")])
    error_message = "tags must be at most 40, and none may begin with \"aws:\", which AWS keeps to itself."
  }
}
