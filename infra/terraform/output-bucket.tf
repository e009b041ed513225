# The bucket of what is published, and of what the functions remember. What the functions write never lands in the
# bucket that triggers them. It outlives the stack: consumers read it.

resource "aws_s3_bucket" "output" {
  # checkov:skip=CKV_AWS_18:CloudTrail's data events tell who reads and writes; a bucket of logs would be one more to guard (docs/operations.md)
  # checkov:skip=CKV_AWS_144:what is published is made again by the next run
  # checkov:skip=CKV_AWS_145:consumers read it without the key
  # checkov:skip=CKV2_AWS_62:nobody waits for what the functions write
  count = local.makes_output ? 1 : 0

  bucket = local.output_bucket

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "output" {
  count = local.makes_output ? 1 : 0

  bucket = aws_s3_bucket.output[0].id
  versioning_configuration {
    status = "Enabled"
  }

  # Taken away, it would suspend the versions of a bucket that stays.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "output" {
  count = local.makes_output ? 1 : 0

  bucket = aws_s3_bucket.output[0].id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "output" {
  count = local.makes_output ? 1 : 0

  bucket                  = aws_s3_bucket.output[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true

  # Taken away, it would leave a bucket that stays without its guard.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_ownership_controls" "output" {
  count = local.makes_output ? 1 : 0

  bucket = aws_s3_bucket.output[0].id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "output" {
  # checkov:skip=CKV_AWS_300:no function uploads in parts
  count = local.makes_output ? 1 : 0

  bucket = aws_s3_bucket.output[0].id

  # A report is written for each run, at least 24 a day.
  rule {
    id     = "ForgetOldReports"
    status = "Enabled"
    filter {
      prefix = "reports/"
    }
    expiration {
      days = 365
    }
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }

  # A scan of 400 rules has 4 MB, and an image is rebuilt each week. Whoever has to prove a state of last year
  # copies it elsewhere.
  rule {
    id     = "ForgetOldResults"
    status = "Enabled"
    filter {
      prefix = "results/"
    }
    expiration {
      days = 365
    }
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }

  # A lease is taken and given back for each write of the key policy.
  rule {
    id     = "ForgetReleasedLeases"
    status = "Enabled"
    filter {
      prefix = "leases/"
    }
    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  # A long component document lies there for the call that makes the component; a run writes it before each.
  rule {
    id     = "ForgetComponentDocuments"
    status = "Enabled"
    filter {
      prefix = "components/"
    }
    expiration {
      days = 7
    }
    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.output]
}

resource "aws_s3_bucket_policy" "output" {
  bucket = local.output_bucket
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RefusePlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.output_arn, "${local.output_arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      # What consumers launch.
      {
        Sid       = "OnlyPublishersWrite"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:PutObject*", "s3:DeleteObject*", "s3:Replicate*", "s3:RestoreObject"]
        Resource  = "${local.output_arn}/images/*"
        Condition = {
          ArnNotEquals = { "aws:PrincipalArn" = [aws_iam_role.reconcile.arn, aws_iam_role.image_events.arn] }
        }
      },
      # What the functions remember. A person may delete it (docs/operations.md, Quarantine).
      {
        Sid         = "OnlyFunctionsWrite"
        Effect      = "Deny"
        Principal   = "*"
        Action      = ["s3:PutObject*", "s3:Replicate*"]
        NotResource = "${local.output_arn}/results/*"
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              aws_iam_role.reconcile.arn, aws_iam_role.scheduled_build.arn, aws_iam_role.image_events.arn,
            ]
          }
        }
      },
      # What tests find. It is data of a stranger for every reader (docs/threat-model.md).
      {
        Sid       = "OnlyBuildInstancesWriteResults"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:PutObject*", "s3:Replicate*"]
        Resource  = "${local.output_arn}/results/*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.instance_role_arn } }
      },
      # The lifecycle rules of the bucket forget reports; they are set before this policy.
      {
        Sid       = "KeepVersions"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:DeleteObjectVersion", "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration"]
        Resource  = [local.output_arn, "${local.output_arn}/*"]
      },
    ]
  })

  lifecycle {
    prevent_destroy = true
    # This policy is the initial one. Reconcile adds and owns the statements GoldsmithConsumersRead and
    # GoldsmithOrganizationsRead; an apply that put the policy back would hide the images from consumers.
    ignore_changes = [policy]
  }

  depends_on = [
    aws_s3_bucket.output,
    aws_s3_bucket_lifecycle_configuration.output,
    aws_s3_bucket_ownership_controls.output,
    aws_s3_bucket_public_access_block.output,
    aws_s3_bucket_versioning.output,
  ]
}
