# The key that encrypts an environment's images in a further Region of the building account. Its provider is that
# Region's.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account             = data.aws_caller_identity.current.account_id
  partition           = data.aws_partition.current.partition
  root                = "arn:${local.partition}:iam::${local.account}:root"
  service_linked_role = "arn:${local.partition}:iam::${local.account}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"
  description         = "Volumes of the goldsmith images, ${var.environment}"
  tags                = { "goldsmith:environment" = var.environment }
  is_replica          = var.primary_key_arn != null
  key_arn             = local.is_replica ? aws_kms_replica_key.region[0].arn : aws_kms_key.region[0].arn

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
}

resource "aws_kms_key" "region" {
  count = local.is_replica ? 0 : 1

  description         = local.description
  enable_key_rotation = true
  policy              = local.policy
  tags                = local.tags

  lifecycle {
    prevent_destroy = true
    # The policy is the initial one: reconcile adds and owns the statements whose Sids begin with Goldsmith.
    ignore_changes = [policy]
  }
}

# A replica has its primary's material and rotation, and a policy and tags of its own (KMS developer guide,
# multi-region-keys-overview).
resource "aws_kms_replica_key" "region" {
  count = local.is_replica ? 1 : 0

  description     = local.description
  primary_key_arn = var.primary_key_arn
  policy          = local.policy
  tags            = local.tags

  lifecycle {
    prevent_destroy = true
    # As above.
    ignore_changes = [policy]
  }
}

resource "aws_kms_alias" "region" {
  name          = "alias/goldsmith-${var.environment}"
  target_key_id = local.is_replica ? aws_kms_replica_key.region[0].key_id : aws_kms_key.region[0].key_id
}

output "KeyArn" {
  description = "This Region's key, for environment.json"
  value       = local.key_arn
}
