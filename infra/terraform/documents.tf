# The bucket that the reviewed documents are in. It outlives the stack: it says who had access, and when.

resource "aws_s3_bucket" "documents" {
  # checkov:skip=CKV_AWS_18:CloudTrail's data events tell who reads and writes; a bucket of logs would be one more to guard (docs/operations.md)
  # checkov:skip=CKV_AWS_144:the documents are in a repository as well
  # checkov:skip=CKV_AWS_145:nothing in it is secret, and a document must outlive a key that is disabled
  # checkov:skip=CKV2_AWS_61:documents are kept for ever: they say who had access
  count = local.makes_documents ? 1 : 0

  bucket = local.document_bucket

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "documents" {
  count = local.makes_documents ? 1 : 0

  bucket = aws_s3_bucket.documents[0].id
  versioning_configuration {
    status = "Enabled"
  }

  # Taken away, it would suspend the versions of a bucket that stays.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "documents" {
  count = local.makes_documents ? 1 : 0

  bucket = aws_s3_bucket.documents[0].id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "documents" {
  count = local.makes_documents ? 1 : 0

  bucket                  = aws_s3_bucket.documents[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true

  # Taken away, it would leave a bucket that stays without its guard.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_ownership_controls" "documents" {
  count = local.makes_documents ? 1 : 0

  bucket = aws_s3_bucket.documents[0].id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# Only what arrives is announced: a document that is deleted changes nothing. CloudFormation cannot set the
# notifications of a bucket that it did not make; Terraform can, so it does.
resource "aws_s3_bucket_notification" "documents" {
  bucket = local.document_bucket

  dynamic "lambda_function" {
    for_each = [".json", ".yml", ".yaml"]
    content {
      lambda_function_arn = aws_lambda_function.function["reconcile"].arn
      events              = ["s3:ObjectCreated:*"]
      filter_suffix       = lambda_function.value
    }
  }

  # S3 tries whether it may invoke the function before it takes a notification.
  depends_on = [aws_lambda_permission.invoker, aws_s3_bucket.documents]
}

resource "aws_s3_bucket_policy" "documents" {
  bucket = local.document_bucket
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid       = "RefusePlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.documents_arn, "${local.documents_arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      # A version that is gone cannot show who had access. A lifecycle rule deletes as well.
      {
        Sid       = "KeepVersions"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:DeleteObjectVersion", "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration"]
        Resource  = [local.documents_arn, "${local.documents_arn}/*"]
      },
      ],
      # Who writes a document decides who may use the keys.
      [for arns in [var.uploader_arns] : {
        Sid       = "OnlyUploadersWrite"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:PutObject*", "s3:DeleteObject*", "s3:Replicate*", "s3:RestoreObject"]
        Resource  = "${local.documents_arn}/*"
        Condition = { ArnNotLike = { "aws:PrincipalArn" = arns } }
      } if length(arns) > 0],
    )
  })

  lifecycle {
    prevent_destroy = true
  }

  # Once it stands, nobody changes the versioning any more.
  depends_on = [
    aws_s3_bucket.documents,
    aws_s3_bucket_ownership_controls.documents,
    aws_s3_bucket_public_access_block.documents,
    aws_s3_bucket_versioning.documents,
  ]
}
