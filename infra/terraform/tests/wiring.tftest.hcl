# Optional parts are there when they are asked for, and only then. The provider is mocked: no account is needed.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
  }
}

variables {
  relay_id = "docs"
  agents = {
    research = {
      hands_to = ["write"]
      function = { filename = "research.zip" }
    }
    write = {}
  }
}

run "have_queues_for_every_agent_and_a_function_for_those_that_run_here" {
  command = plan

  assert {
    condition     = length(aws_sqs_queue.agent) == 2 && length(aws_sqs_queue.dead_letters) == 2
    error_message = "each agent has its queue and its dead-letter queue"
  }
  assert {
    condition     = keys(aws_lambda_function.relay) == ["research"] && keys(aws_lambda_event_source_mapping.agent) == ["research"]
    error_message = "only an agent with a function has one, fed from its queue"
  }
  assert {
    condition     = length(aws_ecs_cluster.relay) == 0 && length(aws_iam_role.eraser) == 0 && length(aws_scheduler_schedule.reconciler) == 0
    error_message = "what was not asked for is not there"
  }
  assert {
    condition     = length(aws_kms_key.relay) == 1 && length(aws_dynamodb_table.audit.ttl) == 1
    error_message = "without a key of one's own there is one, and the table deletes what has expired"
  }
}

run "have_a_visibility_of_six_timeouts" {
  command = plan

  variables {
    agents = {
      research = {
        function = { filename = "research.zip", timeout_seconds = 900 }
      }
    }
  }

  assert {
    condition     = aws_sqs_queue.agent["research"].visibility_timeout_seconds == 5400
    error_message = "visibility follows the timeout"
  }
}

run "have_containers_a_cluster_and_their_roles" {
  command = plan

  variables {
    agents = {
      research = {
        service = { image = "image" }
      }
    }
    network = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = keys(aws_ecs_service.agent) == ["research"] && length(aws_ecs_cluster.relay) == 1 && length(aws_lambda_function.relay) == 0
    error_message = "an agent with a service has containers in a cluster, and no function"
  }
}

run "have_reconcilers_with_their_schedules_and_alarms" {
  command = plan

  variables {
    reconciler      = { filename = "reconcile.zip" }
    full_reconciler = { filename = "reconcile.zip" }
  }

  assert {
    condition     = keys(aws_scheduler_schedule.reconciler) == ["full-reconciler", "reconciler"]
    error_message = "each has a schedule"
  }
  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.reconciler_errors) == ["full-reconciler", "reconciler"] && keys(aws_cloudwatch_metric_alarm.damaged) == ["full-reconciler", "reconciler"]
    error_message = "each has its alarms"
  }
}

run "have_no_key_where_one_is_given" {
  command = plan

  variables {
    kms_key_arn     = "arn:aws:kms:eu-central-1:123456789012:key/11111111-1111-1111-1111-111111111111"
    audit_retention = false
  }

  assert {
    condition     = length(aws_kms_key.relay) == 0 && aws_sqs_queue.agent["write"].kms_master_key_id == var.kms_key_arn
    error_message = "the given key is used"
  }
  assert {
    condition     = length(aws_dynamodb_table.audit.ttl) == 0
    error_message = "without retention nothing expires"
  }
}

run "let_a_service_reconcile_where_no_function_does" {
  command = plan

  variables {
    agents = {
      research = {
        service = { image = "image" }
      }
      write = {
        service = { image = "image", reconciles = false }
      }
    }
    # The policies are known before anything is made.
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-1111-1111-1111-111111111111"
    network     = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.service["research"].policy, "index/byStatus") && !strcontains(aws_iam_role_policy.service["write"].policy, "index/byStatus")
    error_message = "one may list what is open, unless it says that it does not reconcile"
  }
}

run "have_everything_below_the_prefix" {
  command = plan

  variables {
    prefix      = "relays/"
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  }

  assert {
    condition     = strcontains(aws_s3_bucket_policy.contexts.policy, ":::docs-contexts-123456789012-eu-central-1/relays/docs/slots/*\"")
    error_message = "slots are written once where they lie"
  }
  assert {
    condition     = strcontains(aws_iam_role_policy.function["research"].policy, "/relays/_agenthandoff/conditional-writes\"") && !strcontains(aws_iam_role_policy.function["research"].policy, "eu-central-1/docs/")
    error_message = "an agent reads and writes below the prefix alone"
  }
}
