# Each rule is kept by what stands here, and broken by one run each.

variables {
  relay_id          = "docs"
  prefix            = ""
  producer_prefix   = "handoffs/"
  max_attempts      = 3
  has_network       = true
  environment_bytes = 1000
  agents = {
    research = {
      hands_to = ["write"]
      function = { timeout_seconds = 120, batch_size = 1, maximum_concurrency = 5, reserved_concurrency = 5 }
    }
    write = {
      hands_to = []
      service  = { cpu = 512, memory_mb = 1024 }
    }
  }
  packages = {
    research   = { timeout_seconds = 120, filename = "research.zip" }
    reconciler = { timeout_seconds = 300, s3_bucket = "packages", s3_key = "reconcile.zip" }
  }
  queues = {
    research = {
      name                          = "docs-research.fifo"
      fifo                          = true
      visibility_seconds            = 720
      retention_seconds             = 1209600
      max_receive_count             = 30
      dead_letter_name              = "docs-research-dead.fifo"
      dead_letter_fifo              = true
      dead_letter_retention_seconds = 1209600
    }
    write = {
      name                          = "docs-write.fifo"
      fifo                          = true
      visibility_seconds            = 120
      retention_seconds             = 1209600
      max_receive_count             = 30
      dead_letter_name              = "docs-write-dead.fifo"
      dead_letter_fifo              = true
      dead_letter_retention_seconds = 1209600
    }
  }
  names = {
    queue = { longest = 80, names = ["docs-research.fifo", "docs-research-dead.fifo"] }
  }
}

run "accept_what_keeps_every_rule" {
  command = plan
}

run "reject_handing_to_an_unknown_agent" {
  command = plan

  variables {
    agents = {
      research = {
        hands_to = ["nobody"]
        function = { timeout_seconds = 120, batch_size = 1 }

      }
      write = {
        hands_to = []
        service  = { cpu = 512, memory_mb = 1024 }
      }
    }
  }

  expect_failures = [terraform_data.agents]
}

run "reject_an_agent_that_runs_both_ways" {
  command = plan

  variables {
    agents = {
      research = {
        hands_to = ["write"]
        function = { timeout_seconds = 120, batch_size = 1 }
        service  = { cpu = 512, memory_mb = 1024 }
      }
      write = {
        hands_to = []
        service  = { cpu = 512, memory_mb = 1024 }
      }
    }
  }

  expect_failures = [terraform_data.agents]
}

run "reject_a_producer_that_runs_here" {
  command = plan

  variables {
    agents = {
      research = {
        hands_to = ["write"]
        producer = true
        function = { timeout_seconds = 120, batch_size = 1 }
      }
      write = { hands_to = [] }
    }
  }

  expect_failures = [terraform_data.producers]
}

run "reject_a_producer_that_hands_to_nobody" {
  command = plan

  variables {
    agents = {
      research = { hands_to = ["write"] }
      write    = { hands_to = [], producer = true }
    }
  }

  expect_failures = [terraform_data.producers]
}

run "reject_objects_of_producers_among_the_chains" {
  command = plan

  variables {
    producer_prefix = "docs/"
  }

  expect_failures = [terraform_data.producers]
}

run "reject_objects_of_producers_above_the_chains" {
  command = plan

  variables {
    prefix = "handoffs/"
  }

  expect_failures = [terraform_data.producers]
}

run "reject_a_standard_queue" {
  command = plan

  variables {
    queues = {
      research = {
        name                          = "docs-research.fifo"
        fifo                          = false
        visibility_seconds            = 720
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-research-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
      write = {
        name                          = "docs-write.fifo"
        fifo                          = true
        visibility_seconds            = 120
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-write-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
    }
  }

  expect_failures = [terraform_data.queues]
}

run "reject_a_queue_whose_name_does_not_end_in_fifo" {
  command = plan

  variables {
    queues = {
      research = {
        name                          = "docs-research"
        fifo                          = true
        visibility_seconds            = 720
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-research-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
      write = {
        name                          = "docs-write.fifo"
        fifo                          = true
        visibility_seconds            = 120
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-write-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
    }
  }

  expect_failures = [terraform_data.queues]
}

run "reject_a_standard_dead_letter_queue" {
  command = plan

  variables {
    queues = {
      research = {
        name                          = "docs-research.fifo"
        fifo                          = true
        visibility_seconds            = 720
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-research-dead.fifo"
        dead_letter_fifo              = false
        dead_letter_retention_seconds = 1209600
      }
      write = {
        name                          = "docs-write.fifo"
        fifo                          = true
        visibility_seconds            = 120
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-write-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
    }
  }

  expect_failures = [terraform_data.queues]
}

run "reject_a_dead_letter_queue_whose_name_does_not_end_in_fifo" {
  command = plan

  variables {
    queues = {
      research = {
        name                          = "docs-research.fifo"
        fifo                          = true
        visibility_seconds            = 720
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-research-dead"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
      write = {
        name                          = "docs-write.fifo"
        fifo                          = true
        visibility_seconds            = 120
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-write-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
    }
  }

  expect_failures = [terraform_data.queues]
}

run "reject_receipts_below_ten_an_attempt" {
  command = plan

  variables {
    queues = {
      research = {
        name                          = "docs-research.fifo"
        fifo                          = true
        visibility_seconds            = 720
        retention_seconds             = 1209600
        max_receive_count             = 29
        dead_letter_name              = "docs-research-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
      write = {
        name                          = "docs-write.fifo"
        fifo                          = true
        visibility_seconds            = 120
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-write-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
    }
  }

  expect_failures = [terraform_data.queues]
}

run "reject_dead_letters_that_go_before_messages" {
  command = plan

  variables {
    queues = {
      research = {
        name                          = "docs-research.fifo"
        fifo                          = true
        visibility_seconds            = 720
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-research-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209599
      }
      write = {
        name                          = "docs-write.fifo"
        fifo                          = true
        visibility_seconds            = 120
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-write-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
    }
  }

  expect_failures = [terraform_data.queues]
}

run "reject_a_visibility_below_six_timeouts" {
  command = plan

  variables {
    queues = {
      research = {
        name                          = "docs-research.fifo"
        fifo                          = true
        visibility_seconds            = 719
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-research-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
      write = {
        name                          = "docs-write.fifo"
        fifo                          = true
        visibility_seconds            = 120
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-write-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
    }
  }

  expect_failures = [terraform_data.queues]
}

run "reject_a_visibility_above_twelve_hours" {
  command = plan

  variables {
    queues = {
      research = {
        name                          = "docs-research.fifo"
        fifo                          = true
        visibility_seconds            = 43201
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-research-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
      write = {
        name                          = "docs-write.fifo"
        fifo                          = true
        visibility_seconds            = 120
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-write-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
    }
  }

  expect_failures = [terraform_data.queues]
}

run "reject_a_visibility_below_three_seconds" {
  command = plan

  variables {
    agents = {
      research = {
        hands_to = ["write"]
        function = { timeout_seconds = 0.1, batch_size = 1 }

      }
      write = {
        hands_to = []
        service  = { cpu = 512, memory_mb = 1024 }
      }
    }
    queues = {
      research = {
        name                          = "docs-research.fifo"
        fifo                          = true
        visibility_seconds            = 2
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-research-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
      write = {
        name                          = "docs-write.fifo"
        fifo                          = true
        visibility_seconds            = 120
        retention_seconds             = 1209600
        max_receive_count             = 30
        dead_letter_name              = "docs-write-dead.fifo"
        dead_letter_fifo              = true
        dead_letter_retention_seconds = 1209600
      }
    }
  }

  expect_failures = [terraform_data.queues]
}

run "reject_a_timeout_above_fifteen_minutes" {
  command = plan

  variables {
    packages = {
      research = { timeout_seconds = 901, filename = "a.zip" }
    }
  }

  expect_failures = [terraform_data.functions]
}

run "reject_a_timeout_too_short_to_stop_in" {
  command = plan

  variables {
    packages = {
      research = { timeout_seconds = 29, filename = "a.zip" }
    }
  }

  expect_failures = [terraform_data.functions]
}

run "reject_a_function_without_code" {
  command = plan

  variables {
    packages = {
      research = { timeout_seconds = 120 }
    }
  }

  expect_failures = [terraform_data.functions]
}

run "reject_a_function_with_two_codes" {
  command = plan

  variables {
    packages = {
      research = { timeout_seconds = 120, filename = "a.zip", image_uri = "image" }
    }
  }

  expect_failures = [terraform_data.functions]
}

run "reject_a_bucket_without_a_key" {
  command = plan

  variables {
    packages = {
      research = { timeout_seconds = 120, s3_bucket = "packages" }
    }
  }

  expect_failures = [terraform_data.functions]
}

run "reject_a_batch_of_eleven" {
  command = plan

  variables {
    agents = {
      research = {
        hands_to = ["write"]
        function = { timeout_seconds = 120, batch_size = 11 }

      }
      write = {
        hands_to = []
        service  = { cpu = 512, memory_mb = 1024 }
      }
    }
  }

  expect_failures = [terraform_data.functions]
}

run "reject_a_maximum_concurrency_of_one" {
  command = plan

  variables {
    agents = {
      research = {
        hands_to = ["write"]
        function = { timeout_seconds = 120, batch_size = 1, maximum_concurrency = 1 }

      }
      write = {
        hands_to = []
        service  = { cpu = 512, memory_mb = 1024 }
      }
    }
  }

  expect_failures = [terraform_data.functions]
}

run "reject_a_maximum_above_the_reserved_concurrency" {
  command = plan

  variables {
    agents = {
      research = {
        hands_to = ["write"]
        function = { timeout_seconds = 120, batch_size = 1, maximum_concurrency = 6, reserved_concurrency = 5 }

      }
      write = {
        hands_to = []
        service  = { cpu = 512, memory_mb = 1024 }
      }
    }
  }

  expect_failures = [terraform_data.functions]
}

run "reject_an_environment_above_four_kilobytes" {
  command = plan

  variables {
    environment_bytes = 4097
  }

  expect_failures = [terraform_data.functions]
}

run "reject_a_service_without_a_network" {
  command = plan

  variables {
    has_network = false
  }

  expect_failures = [terraform_data.services]
}

run "reject_a_size_that_fargate_does_not_have" {
  command = plan

  variables {
    agents = {
      research = {
        hands_to = ["write"]
        function = { timeout_seconds = 120, batch_size = 1 }

      }
      write = {
        hands_to = []
        service  = { cpu = 512, memory_mb = 512 }
      }
    }
  }

  expect_failures = [terraform_data.services]
}

run "reject_a_number_of_cpus_that_fargate_does_not_have" {
  command = plan

  variables {
    agents = {
      research = {
        hands_to = ["write"]
        function = { timeout_seconds = 120, batch_size = 1 }

      }
      write = {
        hands_to = []
        service  = { cpu = 300, memory_mb = 512 }
      }
    }
  }

  expect_failures = [terraform_data.services]
}

run "reject_a_name_that_is_too_long" {
  command = plan

  variables {
    names = {
      queue = { longest = 17, names = ["docs-research.fifo"] }
    }
  }

  expect_failures = [terraform_data.names]
}

run "reject_two_things_of_one_name" {
  command = plan

  variables {
    names = {
      queue = { longest = 80, names = ["docs-x-dead.fifo", "docs-x-dead.fifo"] }
    }
  }

  expect_failures = [terraform_data.names]
}
