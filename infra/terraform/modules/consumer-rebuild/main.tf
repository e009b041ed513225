# What an account needs that has images built again which AWS does not copy into it. A consumer applies it beside
# modules/consumer-account, once for each environment, in one Region.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id
  prefix    = "goldsmith-${var.environment}"
  stack     = coalesce(var.building_stack, local.prefix)

  # A rebuild's name says what it is.
  rebuilds = "*-${var.environment}-*-rebuild-*"
}

# Reconcile of the building account has Image Builder here build with it. It makes, and takes away, only what carries
# the name of a rebuild; the images it makes are nobody's but this account's.
resource "aws_iam_role" "rebuild" {
  name        = "${local.prefix}-rebuild"
  description = "goldsmith has images built here that AWS does not copy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${var.building_account}:root" }
      Action    = "sts:AssumeRole"
      # The building side ends the names of its roles with something of its own.
      Condition = {
        ArnLike = {
          "aws:PrincipalArn" = "arn:${local.partition}:iam::${var.building_account}:role/${local.stack}-ReconcileRole-*"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "rebuild" {
  name = "rebuild"
  role = aws_iam_role.rebuild.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Build"
        Effect = "Allow"
        Action = [
          "imagebuilder:CreateDistributionConfiguration",
          "imagebuilder:CreateImage",
          "imagebuilder:CreateImageRecipe",
          "imagebuilder:CreateInfrastructureConfiguration",
          "imagebuilder:DeleteDistributionConfiguration",
          "imagebuilder:DeleteImageRecipe",
          "imagebuilder:DeleteInfrastructureConfiguration",
          "imagebuilder:GetDistributionConfiguration",
          "imagebuilder:GetImage",
          "imagebuilder:GetImageRecipe",
          "imagebuilder:GetInfrastructureConfiguration",
          "imagebuilder:TagResource",
        ]
        Resource = [
          for kind in ["distribution-configuration", "image-recipe", "image", "infrastructure-configuration"] :
          "arn:${local.partition}:imagebuilder:*:${local.account}:${kind}/${local.rebuilds}"
        ]
      },
      {
        Sid    = "Look"
        Effect = "Allow"
        Action = [
          "imagebuilder:ListDistributionConfigurations",
          "imagebuilder:ListImageBuildVersions",
          "imagebuilder:ListImageRecipes",
          "imagebuilder:ListImages",
          "imagebuilder:ListInfrastructureConfigurations",
          "ec2:DescribeImages",
        ]
        Resource = "*"
      },
      {
        Sid      = "LookAtProfile"
        Effect   = "Allow"
        Action   = "iam:GetInstanceProfile"
        Resource = aws_iam_instance_profile.rebuild.arn
      },
      {
        Sid       = "StartInstances"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = aws_iam_role.instance.arn
        Condition = { StringEquals = { "iam:PassedToService" = ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"] } }
      },
      # An account's first image needs Image Builder's own role (Image Builder user guide, "Using service-linked
      # roles").
      {
        Sid       = "FirstImage"
        Effect    = "Allow"
        Action    = "iam:CreateServiceLinkedRole"
        Resource  = "arn:${local.partition}:iam::*:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"
        Condition = { StringEquals = { "iam:AWSServiceName" = "imagebuilder.amazonaws.com" } }
      },
    ]
  })
}

output "RebuildRole" {
  description = "rebuild.role of this account in the building side's documents"
  value       = aws_iam_role.rebuild.arn
}

output "InstanceProfile" {
  description = "rebuild.instance-profile of this account in the building side's documents"
  value       = aws_iam_instance_profile.rebuild.name
}
