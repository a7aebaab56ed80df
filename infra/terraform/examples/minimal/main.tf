# Two agents as functions, and a reconciler. Each function's package holds `index.mjs`, whose handler is lambdaRouter(relay)
# or reconcileHandler(relay).

provider "aws" {
  region = "eu-central-1"
}

# #region relay
module "relay" {
  source = "../.."

  relay_id = "docs"

  agents = {
    research = {
      hands_to = ["write"]
      function = { filename = "research.zip" }
    }
    write = {
      function = { filename = "write.zip" }
    }
  }

  reconciler = { filename = "reconcile.zip" }
}
# #endregion

output "resources" {
  description = "What aws() takes, as it is."
  value       = module.relay.resources
}
