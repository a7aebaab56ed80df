locals {
  key_arn = var.kms_key_arn != null ? var.kms_key_arn : aws_kms_key.relay[0].arn

  key_policy = {
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid       = "Administration"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        # DynamoDB uses the key in the name of whoever calls it: no role needs it for itself.
        Sid       = "UseThroughDynamoDB"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:CreateGrant"]
        Resource  = "*"
        Condition = {
          StringEquals = {
            "kms:CallerAccount" = local.account
            "kms:ViaService"    = "dynamodb.${local.region}.amazonaws.com"
          }
        }
      },
      ], length(local.log_groups) == 0 ? [] : [
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.${local.region}.amazonaws.com" }
        Action    = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = [for name in local.log_groups : "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${name}"]
          }
        }
      },
    ])
  }
}

resource "aws_kms_key" "relay" {
  count = var.kms_key_arn == null ? 1 : 0

  description         = "What the relay ${var.relay_id} keeps"
  enable_key_rotation = true
  policy              = jsonencode(local.key_policy)
  tags                = var.tags
}

resource "aws_kms_alias" "relay" {
  count = var.kms_key_arn == null ? 1 : 0

  name          = "alias/${var.relay_id}-relay"
  target_key_id = aws_kms_key.relay[0].key_id
}
