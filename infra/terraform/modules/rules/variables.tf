variable "agents" {
  description = "What the rules need to know of each agent."
  type = map(object({
    hands_to = list(string)
    producer = optional(bool, false)
    function = optional(object({
      timeout_seconds      = number
      batch_size           = number
      maximum_concurrency  = optional(number)
      reserved_concurrency = optional(number)
    }))
    service = optional(object({
      cpu       = number
      memory_mb = number
    }))
  }))
}

variable "queues" {
  description = "The queues as they are made, by agent."
  type = map(object({
    name                          = string
    fifo                          = bool
    visibility_seconds            = number
    retention_seconds             = number
    max_receive_count             = number
    dead_letter_name              = string
    dead_letter_fifo              = bool
    dead_letter_retention_seconds = number
  }))
}

variable "packages" {
  description = "Where the code of each function lies, by the function's name."
  type = map(object({
    timeout_seconds = number
    filename        = optional(string)
    s3_bucket       = optional(string)
    s3_key          = optional(string)
    image_uri       = optional(string)
  }))
}

variable "names" {
  description = "Names that AWS bounds: of what kind, how long at most, and the names."
  type = map(object({
    longest = number
    names   = list(string)
  }))
}

variable "max_attempts" {
  description = "The relay's maxAttempts."
  type        = number
}

variable "environment_bytes" {
  description = "How many bytes of environment a function gets at most, estimated."
  type        = number
}

variable "has_network" {
  description = "Whether a network is given."
  type        = bool
}

variable "prefix" {
  description = "What contexts begin with in the bucket."
  type        = string
}

variable "producer_prefix" {
  description = "What producers' objects begin with in the bucket."
  type        = string
}

variable "relay_id" {
  description = "The relay's id."
  type        = string
}
