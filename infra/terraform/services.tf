# Agents that run for longer than a function may, as containers on Fargate. SIGTERM drains a worker: no new deliveries, and
# what runs ends or is given back.

locals {
  cluster_arn = var.cluster_arn != null ? var.cluster_arn : try(aws_ecs_cluster.relay[0].arn, null)
}

resource "aws_ecs_cluster" "relay" {
  count = length(local.services) > 0 && var.cluster_arn == null ? 1 : 0

  name = "${var.relay_id}-relay"
  tags = var.tags

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_cloudwatch_log_group" "service" {
  for_each = local.services

  name              = "/ecs/${var.relay_id}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.key_arn
  tags              = var.tags
}

resource "aws_iam_role" "service" {
  for_each = local.services

  name               = "${var.relay_id}-${each.key}"
  assume_role_policy = local.assumed_by["ecs-tasks"]
  tags               = var.tags
}

resource "aws_iam_role_policy" "service" {
  for_each = local.services

  name   = "relay"
  role   = aws_iam_role.service[each.key].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.agent_statements[each.key] })
}

# Fargate itself: fetches images and writes logs.
resource "aws_iam_role" "execution" {
  count = length(local.services) > 0 ? 1 : 0

  name               = "${var.relay_id}-execution"
  assume_role_policy = local.assumed_by["ecs-tasks"]
  tags               = var.tags
}

resource "aws_iam_role_policy_attachment" "execution" {
  count = length(local.services) > 0 ? 1 : 0

  role       = aws_iam_role.execution[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_ecs_task_definition" "agent" {
  for_each = local.services

  family                   = "${var.relay_id}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory_mb
  task_role_arn            = aws_iam_role.service[each.key].arn
  execution_role_arn       = aws_iam_role.execution[0].arn
  tags                     = var.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = each.value.architecture
  }

  # A process that may write nowhere else may write here, if its image declares VOLUME /tmp.
  dynamic "volume" {
    for_each = each.value.read_only_file_system ? ["tmp"] : []

    content {
      name = volume.value
    }
  }

  container_definitions = jsonencode([merge(
    {
      name                   = each.key
      image                  = each.value.image
      essential              = true
      stopTimeout            = each.value.stop_timeout_seconds
      readonlyRootFilesystem = each.value.read_only_file_system
      environment = [
        for name, value in merge(local.environment, { AGENTS = each.key, AWS_REGION = local.region }, each.value.environment) : { name = name, value = value }
      ]
      linuxParameters = { initProcessEnabled = true }
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.service[each.key].name
          awslogs-region        = local.region
          awslogs-stream-prefix = each.key
        }
      }
    },
    each.value.read_only_file_system ? { mountPoints = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }] } : {},
    each.value.command == null ? {} : { command = each.value.command },
    each.value.health_check == null ? {} : {
      healthCheck = { command = each.value.health_check, interval = 30, timeout = 5, retries = 3, startPeriod = 30 }
    },
  )])
}

resource "aws_ecs_service" "agent" {
  for_each = local.services

  name                               = "${var.relay_id}-${each.key}"
  cluster                            = local.cluster_arn
  task_definition                    = aws_ecs_task_definition.agent[each.key].arn
  desired_count                      = each.value.desired_count
  launch_type                        = "FARGATE"
  platform_version                   = "LATEST"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  propagate_tags                     = "SERVICE"
  tags                               = var.tags

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = try(var.network.subnet_ids, [])
    security_groups  = try(var.network.security_group_ids, [])
    assign_public_ip = try(var.network.assign_public_ip, false)
  }

  depends_on = [module.rules, aws_iam_role_policy.service]
}
