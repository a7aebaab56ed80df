# The relay of apps/relay-aws: Research → Code → QA → Deploy, with a person who releases. Code may take an hour, so it runs
# in containers; an evaluation in Python starts tasks; whoever audits may erase them.

provider "aws" {
  region = "eu-central-1"
}

module "relay" {
  source = "../.."

  relay_id    = "typed-package"
  bucket_name = "example-typed-package-contexts"

  agents = {
    research = {
      hands_to = ["code"]
      function = {
        s3_bucket         = "example-packages"
        s3_key            = "router.zip"
        s3_object_version = "1"
        handler           = "router.handler"
        memory_mb         = 1024
      }
    }
    code = {
      hands_to           = ["qa"]
      visibility_seconds = 300
      service = {
        image         = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/relay:1.0.0"
        cpu           = 1024
        memory_mb     = 2048
        desired_count = 2
        health_check  = ["CMD", "node", "healthcheck.mjs"]
        environment   = { RECONCILE = "false" } # the reconciler below does
      }
    }
    qa = {
      hands_to = ["code", "release"]
      function = {
        image_uri           = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/qa:1.0.0"
        timeout_seconds     = 600
        maximum_concurrency = 10
        environment         = { LOG_LEVEL = "info" }
      }
    }
    release = {
      hands_to = ["code", "deploy"]
      function = { filename = "release.zip", handler = "release.handler", timeout_seconds = 30, memory_mb = 256 }
    }
    # In Python, with boto3 alone; it starts tasks.
    evaluation = { hands_to = ["research"], producer = true }
    # Runs on machines of its own, with a role of its own: the output agent_policies has what it may do.
    deploy = {}
  }

  reconciler      = { filename = "reconcile.zip", handler = "reconcile.handler", schedule = "rate(1 minute)" }
  full_reconciler = { filename = "reconcile.zip", handler = "reconcile.full" }

  network = {
    subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    security_group_ids = ["sg-0123456789abcdef0"]
  }

  eraser_principals = ["arn:aws:iam::123456789012:role/privacy"]
  alarm_actions     = ["arn:aws:sns:eu-central-1:123456789012:on-call"]
  access_log_bucket = "example-access-logs"

  tags = { team = "agents" }
}

output "resources" {
  description = "What aws() takes, as it is."
  value       = module.relay.resources
}

output "deploy_policy" {
  description = "What the agent deploy may do, for its own role."
  value       = module.relay.agent_policies["deploy"]
}
