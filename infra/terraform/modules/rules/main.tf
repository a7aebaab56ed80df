# Rules across resources. They need no provider, so that they can be tried without one, and break a plan before anything is
# made. Each names what is at fault and says what to do.

locals {
  functions = { for name, agent in var.agents : name => agent.function if agent.function != null }
  services  = { for name, agent in var.agents : name => agent.service if agent.service != null }

  unknown_targets = flatten([
    for name, agent in var.agents : [for target in agent.hands_to : "${name} → ${target}" if !contains(keys(var.agents), target)]
  ])
  idle_producers = [for name, agent in var.agents : name if agent.producer && length(agent.hands_to) == 0]
  busy_producers = [for name, agent in var.agents : name if agent.producer && (agent.function != null || agent.service != null)]
  both_ways      = [for name, agent in var.agents : name if agent.function != null && agent.service != null]
  wrong_sizes    = [for name, service in local.services : name if !contains(try(local.fargate_sizes[tostring(service.cpu)], []), service.memory_mb)]
  too_short      = [for name, function in local.functions : "${name} (${var.queues[name].visibility_seconds} s, ${6 * function.timeout_seconds} s needed)" if var.queues[name].visibility_seconds < 6 * function.timeout_seconds]
  wrong_times    = [for name, package in var.packages : name if package.timeout_seconds < 30 || package.timeout_seconds > 900 || floor(package.timeout_seconds) != package.timeout_seconds]
  wrong_batch    = [for name, function in local.functions : name if function.batch_size < 1 || function.batch_size > 10 || floor(function.batch_size) != function.batch_size]
  wrong_scale    = [for name, function in local.functions : name if function.maximum_concurrency == null ? false : function.maximum_concurrency < 2 || function.maximum_concurrency > 1000]
  over_reserve   = [for name, function in local.functions : name if function.maximum_concurrency == null || function.reserved_concurrency == null ? false : function.maximum_concurrency > function.reserved_concurrency]
  wrong_code = [
    for name, package in var.packages : name
    if length([for source in [package.filename, package.s3_bucket, package.image_uri] : source if source != null]) != 1 || (package.s3_bucket == null) != (package.s3_key == null)
  ]
  too_long  = flatten([for kind, bound in var.names : [for name in bound.names : "${kind} ${name} (${length(name)} of ${bound.longest})" if length(name) > bound.longest]])
  same_name = flatten([for kind, bound in var.names : [for name in distinct(bound.names) : "${kind} ${name}" if length([for other in bound.names : other if other == name]) > 1]])

  # As Fargate has them, in CPU units and MiB.
  fargate_sizes = {
    256   = [512, 1024, 2048]
    512   = [1024, 2048, 3072, 4096]
    1024  = range(2048, 8192 + 1, 1024)
    2048  = range(4096, 16384 + 1, 1024)
    4096  = range(8192, 30720 + 1, 1024)
    8192  = range(16384, 61440 + 1, 4096)
    16384 = range(32768, 122880 + 1, 8192)
  }
}

resource "terraform_data" "agents" {
  lifecycle {
    precondition {
      condition     = length(local.unknown_targets) == 0
      error_message = "hands_to names no agent of this relay: ${join(", ", local.unknown_targets)}. Add it to agents; one that runs elsewhere needs neither function nor service."
    }
    precondition {
      condition     = length(local.both_ways) == 0
      error_message = "An agent runs as a function or as a service: ${join(", ", local.both_ways)} would do both. Remove one of them."
    }
  }
}

resource "terraform_data" "producers" {
  lifecycle {
    precondition {
      condition     = length(local.idle_producers) == 0
      error_message = "A producer must hand to somebody: ${join(", ", local.idle_producers)} hands to nobody. Set its hands_to, or remove producer."
    }
    precondition {
      condition     = length(local.busy_producers) == 0
      error_message = "A producer runs elsewhere, and sends what has no version: ${join(", ", local.busy_producers)} has a function or a service. Remove producer, or what runs it."
    }
    precondition {
      condition     = !startswith(var.producer_prefix, "${var.prefix}${var.relay_id}/") && !startswith("${var.prefix}${var.relay_id}/", var.producer_prefix)
      error_message = "Objects of producers must lie apart from the chains: producer_prefix (${var.producer_prefix}) and ${var.prefix}${var.relay_id}/ begin alike. Choose another producer_prefix."
    }
  }
}

resource "terraform_data" "queues" {
  lifecycle {
    precondition {
      condition     = alltrue([for queue in values(var.queues) : queue.fifo && endswith(queue.name, ".fifo")])
      error_message = "Each agent's queue must be a FIFO queue, and its name must end in .fifo: order within a task is SQS's then."
    }
    precondition {
      condition     = alltrue([for queue in values(var.queues) : queue.dead_letter_fifo && endswith(queue.dead_letter_name, ".fifo")])
      error_message = "The dead-letter queue of a FIFO queue must be a FIFO queue, and its name must end in .fifo: SQS takes no other."
    }
    precondition {
      condition     = alltrue([for queue in values(var.queues) : queue.max_receive_count >= 10 * var.max_attempts])
      error_message = "max_receive_count must be at least ${10 * var.max_attempts} (10 × max_attempts): an outage would fill the dead-letter queues else. Raise it, or lower max_attempts."
    }
    precondition {
      condition     = alltrue([for queue in values(var.queues) : queue.dead_letter_retention_seconds >= queue.retention_seconds])
      error_message = "A dead-letter queue must keep messages for at least as long as its queue: a letter's age counts from when it was first sent."
    }
    precondition {
      condition     = alltrue([for queue in values(var.queues) : queue.visibility_seconds >= 3 && queue.visibility_seconds <= 43200])
      error_message = "visibility_seconds must be from 3 to 43200 (12 hours), the longest that SQS hides a message."
    }
    precondition {
      condition     = length(local.too_short) == 0
      error_message = "visibility_seconds must be at least 6 × the function's timeout_seconds, as Lambda needs it: ${join(", ", local.too_short)}. Raise it, or leave it out."
    }
  }
}

resource "terraform_data" "functions" {
  lifecycle {
    precondition {
      condition     = length(local.wrong_times) == 0
      error_message = "timeout_seconds must be a whole number from 30 to 900, the longest that Lambda runs: ${join(", ", local.wrong_times)}. An agent that needs longer runs as a service; the last 15 seconds are for stopping it."
    }
    precondition {
      condition     = length(local.wrong_code) == 0
      error_message = "A function's code is one of filename, s3_bucket with s3_key, or image_uri: ${join(", ", local.wrong_code)} has none, or several. Give exactly one."
    }
    precondition {
      condition     = length(local.wrong_batch) == 0
      error_message = "batch_size must be a whole number from 1 to 10, as Lambda has it for FIFO queues: ${join(", ", local.wrong_batch)}. 1 is best: messages of a batch share one timeout."
    }
    precondition {
      condition     = length(local.wrong_scale) == 0
      error_message = "maximum_concurrency must be from 2 to 1000, as Lambda has it: ${join(", ", local.wrong_scale)}. For one at a time set reserved_concurrency to 1."
    }
    precondition {
      condition     = length(local.over_reserve) == 0
      error_message = "maximum_concurrency must not be above reserved_concurrency: ${join(", ", local.over_reserve)} would be throttled, and each throttled message costs a receipt. Lower it, or raise reserved_concurrency."
    }
    precondition {
      condition     = var.environment_bytes <= 4096
      error_message = "Lambda takes 4096 bytes of environment, and this relay's would be about ${var.environment_bytes}: shorten names or a function's environment, or split the relay."
    }
  }
}

resource "terraform_data" "services" {
  lifecycle {
    precondition {
      condition     = length(local.services) == 0 || var.has_network
      error_message = "A service needs a network: set network = { subnet_ids, security_group_ids } for ${join(", ", keys(local.services))}."
    }
    precondition {
      condition     = length(local.wrong_sizes) == 0
      error_message = "Fargate has no such size: ${join(", ", [for name in local.wrong_sizes : "${name} (cpu ${local.services[name].cpu}, memory_mb ${local.services[name].memory_mb})"])}. Choose cpu 256, 512, 1024, 2048, 4096, 8192 or 16384 and a memory_mb that goes with it, such as 512 and 1024."
    }
  }
}

resource "terraform_data" "names" {
  lifecycle {
    precondition {
      condition     = length(local.too_long) == 0
      error_message = "Longer than AWS takes: ${join(", ", local.too_long)}. Shorten relay_id or the agent's name."
    }
    precondition {
      condition     = length(local.same_name) == 0
      error_message = "Two things would have one name: ${join(", ", local.same_name)}. Rename an agent; \"x\" and \"x-dead\" do not go together, for example."
    }
  }
}
