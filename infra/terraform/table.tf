# Keys and indexes are those of auditTable() of @agenthandoff/audit-dynamo; a test compares. The local index cannot be
# added later.
resource "aws_dynamodb_table" "audit" {
  name                        = local.table_name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.tags

  dynamic "attribute" {
    for_each = {
      pk          = "S"
      sk          = "S"
      agentShard  = "S"
      at          = "S"
      statusShard = "S"
      damagedIn   = "S"
      otherHop    = "N"
    }

    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = {
      byAgent  = ["agentShard", "at"]
      byStatus = ["statusShard", "pk"]
      byDamage = ["damagedIn", "pk"]
    }

    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value[0]
      range_key       = global_secondary_index.value[1]
      projection_type = "ALL"
    }
  }

  local_secondary_index {
    name            = "byHop"
    range_key       = "otherHop"
    projection_type = "KEYS_ONLY"
  }

  dynamic "ttl" {
    for_each = var.audit_retention ? ["expiresAt"] : []

    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = local.key_arn
  }

  depends_on = [module.rules]
}
