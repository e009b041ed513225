# The keys outlive the stack: without them nobody could launch an image or prove who published it.

# Encrypts the volumes of the images, and nothing that the stack itself depends on.
resource "aws_kms_key" "image" {
  count = local.makes_key ? 1 : 0

  description         = "Volumes of the goldsmith images, ${var.environment}"
  enable_key_rotation = true
  tags                = { "goldsmith:environment" = var.environment }
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountAdministers"
        Effect    = "Allow"
        Principal = { AWS = local.root }
        Action    = "kms:*"
        Resource  = "*"
      },
      # The service-linked role appears with the first image, and a policy that names a principal which does
      # not exist is refused; a condition may name it beforehand.
      {
        Sid       = "ImageBuilderUses"
        Effect    = "Allow"
        Principal = { AWS = local.root }
        Action = [
          "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey",
        ]
        Resource  = "*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = local.service_linked_role } }
      },
      {
        Sid       = "ImageBuilderGrants"
        Effect    = "Allow"
        Principal = { AWS = local.root }
        Action    = "kms:CreateGrant"
        Resource  = "*"
        Condition = {
          ArnEquals = { "aws:PrincipalArn" = local.service_linked_role }
          Bool      = { "kms:GrantIsForAWSResource" = "true" }
        }
      },
    ]
  })

  lifecycle {
    prevent_destroy = true
    # This policy is the initial one. Reconcile adds and owns the statements whose Sids begin with Goldsmith;
    # an apply that put the policy back would take the images from every consumer until the next reconcile.
    ignore_changes = [policy]
  }
}

resource "aws_kms_alias" "image" {
  name          = "alias/${local.stack}"
  target_key_id = local.makes_key ? aws_kms_key.image[0].key_id : var.existing_key_arn
}

# Signs what is published. A grant and a policy of the account allow nothing against this policy's Deny, so
# whoever would publish in our name must be one of these roles, or change this policy.
resource "aws_kms_key" "signing" {
  # checkov:skip=CKV_AWS_7:AWS rotates symmetric keys alone
  count = local.makes_signing_key ? 1 : 0

  description              = "Signs what goldsmith publishes, ${var.environment}"
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
  tags                     = { "goldsmith:environment" = var.environment }
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # Reading the public key and verifying are the account's to allow.
      {
        Sid       = "AccountAdministers"
        Effect    = "Allow"
        Principal = { AWS = local.root }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "OnlyPublishersSign"
        Effect    = "Deny"
        Principal = "*"
        Action    = "kms:Sign"
        Resource  = "*"
        Condition = {
          ArnNotEquals = { "aws:PrincipalArn" = [aws_iam_role.reconcile.arn, aws_iam_role.image_events.arn] }
        }
      },
      {
        Sid       = "NobodyGrants"
        Effect    = "Deny"
        Principal = "*"
        Action    = "kms:CreateGrant"
        Resource  = "*"
      },
    ]
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "signing" {
  name          = "alias/${local.stack}-signing"
  target_key_id = local.makes_signing_key ? aws_kms_key.signing[0].key_id : var.existing_signing_key_arn
}
