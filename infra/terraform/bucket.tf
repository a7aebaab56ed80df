locals {
  root = "${var.prefix}${var.relay_id}"

  bucket_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EncryptedConnectionsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        # A slot is written once. Parts of a large object bear no condition: it counts when they are put together.
        Sid       = "WriteSlotsOnce"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "${local.bucket_arn}/${local.root}/slots/*"
        Condition = merge(
          {
            Null = { "s3:if-none-match" = "true" }
            Bool = { "s3:ObjectCreationOperation" = "true" }
          },
          # Who erases overwrites slots with tombstones.
          length(local.erasing_roles) == 0 ? {} : { ArnNotEquals = { "aws:PrincipalArn" = local.erasing_roles } },
        )
      },
    ]
  }
}

resource "aws_s3_bucket" "contexts" {
  #checkov:skip=CKV_AWS_144:Replicas keep what was erased: S3 does not replicate the removal of a version
  #checkov:skip=CKV2_AWS_62:Nobody waits for objects; messages tell of them
  bucket = local.bucket_name
  tags   = var.tags

  # Nothing is made before the rules are kept.
  depends_on = [module.rules]
}

resource "aws_s3_bucket_versioning" "contexts" {
  bucket = aws_s3_bucket.contexts.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "contexts" {
  bucket = aws_s3_bucket.contexts.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = local.key_arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "contexts" {
  bucket = aws_s3_bucket.contexts.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "contexts" {
  bucket = aws_s3_bucket.contexts.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "contexts" {
  bucket = aws_s3_bucket.contexts.id
  policy = jsonencode(local.bucket_policy)

  depends_on = [aws_s3_bucket_public_access_block.contexts]
}

# No rule expires anything under slots/, nor moves it into an archive class.
resource "aws_s3_bucket_lifecycle_configuration" "contexts" {
  bucket = aws_s3_bucket.contexts.id

  rule {
    id     = "parts-of-writers-that-were-killed"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  dynamic "rule" {
    for_each = toset(["blobs", "runs"])

    content {
      id     = "old-versions-of-${rule.value}"
      status = "Enabled"

      filter {
        prefix = "${local.root}/${rule.value}/"
      }

      noncurrent_version_expiration {
        noncurrent_days = var.noncurrent_days
      }

      expiration {
        expired_object_delete_marker = true
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.contexts]
}

resource "aws_s3_bucket_logging" "contexts" {
  count = var.access_log_bucket == null ? 0 : 1

  bucket        = aws_s3_bucket.contexts.id
  target_bucket = var.access_log_bucket
  target_prefix = "${local.bucket_name}/"
}
