# Each validation of a variable is broken by one run. The provider is mocked: no account is needed.

mock_provider "aws" {}

variables {
  relay_id = "docs"
  agents = {
    research = {
      function = { filename = "research.zip" }
    }
  }
}

run "accept_the_least_that_is_needed" {
  command = plan
}

run "reject_a_relay_id_in_capitals" {
  command = plan

  variables {
    relay_id = "Docs"
  }

  expect_failures = [var.relay_id]
}

run "reject_no_agents" {
  command = plan

  variables {
    agents = {}
  }

  expect_failures = [var.agents]
}

run "reject_an_agent_in_capitals" {
  command = plan

  variables {
    agents = { Research = {} }
  }

  expect_failures = [var.agents]
}

run "reject_a_function_for_another_architecture" {
  command = plan

  variables {
    agents = {
      research = {
        function = { filename = "research.zip", architecture = "ARM64" }
      }
    }
  }

  expect_failures = [var.agents]
}

run "reject_a_service_for_another_architecture" {
  command = plan

  variables {
    agents = {
      research = {
        service = { image = "image", architecture = "arm64" }
      }
    }
    network = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  expect_failures = [var.agents]
}

run "reject_a_function_with_too_little_memory" {
  command = plan

  variables {
    agents = {
      research = {
        function = { filename = "research.zip", memory_mb = 127 }
      }
    }
  }

  expect_failures = [var.agents]
}

run "reject_a_service_of_half_a_container" {
  command = plan

  variables {
    agents = {
      research = {
        service = { image = "image", desired_count = 0.5 }
      }
    }
    network = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  expect_failures = [var.agents]
}

run "reject_a_service_that_may_take_longer_to_stop_than_fargate_waits" {
  command = plan

  variables {
    agents = {
      research = {
        service = { image = "image", stop_timeout_seconds = 121 }
      }
    }
    network = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  expect_failures = [var.agents]
}

run "reject_a_directory_bucket" {
  command = plan

  variables {
    bucket_name = "contexts--euc1-az1--x-s3"
  }

  expect_failures = [var.bucket_name]
}

run "reject_a_table_name_with_a_space" {
  command = plan

  variables {
    table_name = "an audit"
  }

  expect_failures = [var.table_name]
}

run "reject_a_prefix_without_a_slash" {
  command = plan

  variables {
    prefix = "relays"
  }

  expect_failures = [var.prefix]
}

run "reject_no_attempts" {
  command = plan

  variables {
    max_attempts = 0
  }

  expect_failures = [var.max_attempts]
}

run "reject_too_many_receipts" {
  command = plan

  variables {
    max_receive_count = 1001
  }

  expect_failures = [var.max_receive_count]
}

run "reject_old_versions_for_no_day" {
  command = plan

  variables {
    noncurrent_days = 0
  }

  expect_failures = [var.noncurrent_days]
}

run "reject_an_alias_for_a_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:alias/relay"
  }

  expect_failures = [var.kms_key_arn]
}

run "reject_an_arn_for_the_bucket_of_access_logs" {
  command = plan

  variables {
    access_log_bucket = "arn:aws:s3:::logs"
  }

  expect_failures = [var.access_log_bucket]
}

run "reject_a_schedule_in_words" {
  command = plan

  variables {
    reconciler = { filename = "a.zip", schedule = "every minute" }
  }

  expect_failures = [var.reconciler]
}

run "reject_a_reconciler_for_another_architecture" {
  command = plan

  variables {
    reconciler = { filename = "a.zip", architecture = "ARM64" }
  }

  expect_failures = [var.reconciler]
}

run "reject_a_full_schedule_in_words" {
  command = plan

  variables {
    full_reconciler = { filename = "a.zip", schedule = "daily" }
  }

  expect_failures = [var.full_reconciler]
}

run "reject_a_full_reconciler_for_another_architecture" {
  command = plan

  variables {
    full_reconciler = { filename = "a.zip", architecture = "ARM64" }
  }

  expect_failures = [var.full_reconciler]
}

run "reject_anybody_as_an_eraser" {
  command = plan

  variables {
    eraser_principals = ["*"]
  }

  expect_failures = [var.eraser_principals]
}

run "reject_a_prefix_of_producers_without_a_slash" {
  command = plan

  variables {
    producer_prefix = "handoffs"
  }

  expect_failures = [var.producer_prefix]
}

run "reject_a_network_without_subnets" {
  command = plan

  variables {
    network = { subnet_ids = [], security_group_ids = ["sg-1"] }
  }

  expect_failures = [var.network]
}

run "reject_a_name_for_a_cluster" {
  command = plan

  variables {
    cluster_arn = "agents"
  }

  expect_failures = [var.cluster_arn]
}

run "reject_an_address_as_an_alarm_action" {
  command = plan

  variables {
    alarm_actions = ["on-call@example.com"]
  }

  expect_failures = [var.alarm_actions]
}

run "reject_an_alarm_within_a_minute" {
  command = plan

  variables {
    oldest_message_alarm_seconds = 59
  }

  expect_failures = [var.oldest_message_alarm_seconds]
}

run "reject_a_retention_that_cloudwatch_does_not_have" {
  command = plan

  variables {
    log_retention_days = 100
  }

  expect_failures = [var.log_retention_days]
}

run "reject_tags_of_aws" {
  command = plan

  variables {
    tags = { "aws:team" = "agents" }
  }

  expect_failures = [var.tags]
}
