# What an account needs that is served with images by a building account. A consumer applies it once for each
# environment, in one Region; what it makes holds for all of them. Nothing is made that is not asked for, and
# somebody of the building account comes in only as one of the roles that are named.
#
# It has no grants for Auto Scaling. The provider reads a grant back with kms:ListGrants, and the building side lets
# other accounts make grants on its keys, but not list them. Deploy infra/consumer-account.yaml with AutoScaling=true
# for that, or run the commands that `goldsmith consumer` prints.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  prefix    = "goldsmith-${var.environment}"
  stack     = coalesce(var.building_stack, local.prefix)
  keys      = concat(var.key_arns, var.own_key_arns)
  building  = "arn:${local.partition}:iam::${var.building_account}"

  via_ec2 = { "kms:ViaService" = ["ec2.*.amazonaws.com", "ec2.*.amazonaws.com.cn"] }

  # Which roles of the building account come in, and for what.
  come_in = {
    copy       = concat(["${local.building}:role/${local.stack}-DistributionRole-*"], var.further_distribution_roles)
    parameters = [for each in ["ReconcileRole", "ImageEventsRole"] : "${local.building}:role/${local.stack}-${each}-*"]
    verify     = var.verifier_arns
  }
  trusts = {
    for purpose, roles in local.come_in : purpose => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { AWS = "${local.building}:root" }
        Action    = "sts:AssumeRole"
        Condition = { ArnLike = { "aws:PrincipalArn" = roles } }
      }]
    })
  }
}

# Both sides must allow the use of another account's key: this is ours, the key's policy is theirs (KMS developer
# guide, key-policy-modifying-external-accounts). The actions are those of the EBS user guide, share-kms-key.
resource "aws_iam_role_policy" "launch_keys" {
  count = var.launch_role_name == null ? 0 : 1

  name = "${local.prefix}-keys"
  role = var.launch_role_name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "UseKeys"
        Effect = "Allow"
        Action = [
          "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
          "kms:DescribeKey",
        ]
        Resource = local.keys
      },
      {
        Sid       = "GrantToServices"
        Effect    = "Allow"
        Action    = "kms:CreateGrant"
        Resource  = local.keys
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
    ]
  })
}

# The building side writes the ids of the images here. Only its two functions that publish may.
resource "aws_iam_role" "parameters" {
  count = var.write_parameters ? 1 : 0

  name               = "${local.prefix}-parameters"
  description        = "goldsmith writes the ids of the images with it"
  assume_role_policy = local.trusts["parameters"]
}

resource "aws_iam_role_policy" "parameters" {
  count = var.write_parameters ? 1 : 0

  name = "publish"
  role = aws_iam_role.parameters[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:PutParameter"]
      Resource = "arn:${local.partition}:ssm:*:${local.account}:parameter/goldsmith/${var.environment}/*"
    }]
  })
}
