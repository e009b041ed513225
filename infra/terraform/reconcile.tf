# What the function reconcile may do.

resource "aws_iam_role" "reconcile" {
  name                 = local.named["ReconcileRole"]
  assume_role_policy   = local.trusts["lambda"]
  permissions_boundary = local.boundary_arn
}

resource "aws_iam_role_policy" "reconcile_publish" {
  name = "publish"
  role = aws_iam_role.reconcile.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "s3:ListBucket", Resource = local.output_arn },
      {
        Effect = "Allow"
        Action = ["s3:GetObject", "s3:PutObject"]
        Resource = [
          "${local.output_arn}/images/*",
          "${local.output_arn}/leases/*",
          "${local.output_arn}/quarantine.json",
          # Image Builder reads a long component document as its caller.
          "${local.output_arn}/components/*",
        ]
      },
      { Effect = "Allow", Action = "s3:PutObject", Resource = "${local.output_arn}/reports/*" },
      # What the last run told people of decides what is news; what other runs did is told to a person.
      {
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = ["${local.output_arn}/reports/latest.json", "${local.output_arn}/reports/reconcile/*"]
      },
      # A lease is given back.
      { Effect = "Allow", Action = "s3:DeleteObject", Resource = "${local.output_arn}/leases/*" },
      # What tests and scans found on an image decides whether it is published.
      { Effect = "Allow", Action = "s3:GetObject", Resource = "${local.output_arn}/results/*" },
      # That people were asked is read again if the answer was lost, and taken back if the topic refused.
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:DeleteObject"]
        Resource = "${local.output_arn}/reports/approvals/*"
      },
      {
        Effect   = "Allow"
        Action   = "ssm:PutParameter"
        Resource = "arn:${local.partition}:ssm:${local.region}:${local.account}:parameter/goldsmith/${var.environment}/*"
      },
      # The software list of what is published; instances write below results/ only.
      { Effect = "Allow", Action = "s3:PutObject", Resource = "${local.output_arn}/sboms/*" },
    ]
  })
}

resource "aws_iam_role_policy" "build_images" {
  name = "build-images"
  role = aws_iam_role.reconcile.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      # Lists take no resource.
      {
        Effect = "Allow"
        Action = [
          "imagebuilder:ListComponentBuildVersions",
          "imagebuilder:ListDistributionConfigurations",
          "imagebuilder:ListImageBuildVersions",
          "imagebuilder:ListImagePackages",
          "imagebuilder:ListImagePipelines",
          "imagebuilder:ListImageRecipes",
          "imagebuilder:ListImageScanFindings",
          "imagebuilder:ListInfrastructureConfigurations",
        ]
        Resource  = "*"
        Condition = { StringEquals = { "aws:RequestedRegion" = local.region } }
      },
      # Amazon's own components, which recipes name, belong to the account `aws`.
      {
        Effect = "Allow"
        Action = [
          "imagebuilder:GetComponent",
          "imagebuilder:GetDistributionConfiguration",
          "imagebuilder:GetImage",
          "imagebuilder:GetImagePipeline",
          "imagebuilder:GetImageRecipe",
          "imagebuilder:GetInfrastructureConfiguration",
          "imagebuilder:GetWorkflow",
        ]
        Resource = "arn:${local.partition}:imagebuilder:${local.region}:*:*"
      },
      # The family is in the document, so names say nothing here: what is made must carry our tag, and only
      # what carries it is changed or started.
      {
        Effect = "Allow"
        Action = [
          "imagebuilder:CreateComponent",
          "imagebuilder:CreateImageRecipe",
          "imagebuilder:CreateInfrastructureConfiguration",
          "imagebuilder:CreateDistributionConfiguration",
          "imagebuilder:CreateImagePipeline",
          "imagebuilder:TagResource",
        ]
        Resource = "arn:${local.partition}:imagebuilder:${local.region}:${local.account}:*"
        # What is there already must be ours: otherwise our tag on a thing of another environment of this
        # account would make it ours.
        Condition = {
          StringEquals         = { "aws:RequestTag/goldsmith:environment" = var.environment }
          StringEqualsIfExists = { "aws:ResourceTag/goldsmith:environment" = var.environment }
        }
      },
      {
        Effect = "Allow"
        Action = [
          "imagebuilder:UpdateInfrastructureConfiguration",
          "imagebuilder:UpdateDistributionConfiguration",
          "imagebuilder:UpdateImagePipeline",
          "imagebuilder:StartImagePipelineExecution",
          "imagebuilder:RetryImage",
          "imagebuilder:DeleteDistributionConfiguration",
          "imagebuilder:TagResource",
        ]
        Resource = "arn:${local.partition}:imagebuilder:${local.region}:${local.account}:*"
        # The tag of another environment would give it what is ours.
        Condition = {
          StringEquals         = { "aws:ResourceTag/goldsmith:environment" = var.environment }
          StringEqualsIfExists = { "aws:RequestTag/goldsmith:environment" = var.environment }
        }
      },
      {
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = local.instance_role_arn
        Condition = { StringEquals = { "iam:PassedToService" = "ec2.amazonaws.com" } }
      },
      {
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = aws_iam_role.distribution.arn
        Condition = { StringEquals = { "iam:PassedToService" = "imagebuilder.amazonaws.com" } }
      },
      # Failed builds leave AMIs with snapshots. Image Builder tags both with who made them, and each AMI with the
      # image that it is of.
      {
        Effect   = "Allow"
        Action   = "ec2:DeregisterImage"
        Resource = "arn:${local.partition}:ec2:*::image/*"
        Condition = {
          StringEquals = { "aws:ResourceTag/CreatedBy" = "EC2 Image Builder" }
          StringLike = {
            "aws:ResourceTag/Ec2ImageBuilderArn" = "arn:${local.partition}:imagebuilder:${local.region}:${local.account}:image/*-${var.environment}-*/*"
          }
        }
      },
      {
        Effect    = "Allow"
        Action    = "ec2:DeleteSnapshot"
        Resource  = "arn:${local.partition}:ec2:*::snapshot/*"
        Condition = { StringEquals = { "aws:ResourceTag/CreatedBy" = "EC2 Image Builder" } }
      },
      # Labels of images that were built, and the end of what failed builds have left.
      {
        Effect   = "Allow"
        Action   = ["ec2:CreateTags", "ec2:EnableImageDeprecation"]
        Resource = "arn:${local.partition}:ec2:*::image/*"
        Condition = {
          StringEquals = { "aws:ResourceTag/CreatedBy" = "EC2 Image Builder" }
          StringLike = {
            "aws:ResourceTag/Ec2ImageBuilderArn" = "arn:${local.partition}:imagebuilder:${local.region}:${local.account}:image/*-${var.environment}-*/*"
          }
          StringEqualsIfExists = { "aws:RequestTag/goldsmith:environment" = var.environment }
        }
      },
      {
        Effect   = "Allow"
        Action   = "ec2:CreateTags"
        Resource = "arn:${local.partition}:ec2:*::snapshot/*"
        Condition = {
          StringEquals         = { "aws:ResourceTag/CreatedBy" = "EC2 Image Builder" }
          StringEqualsIfExists = { "aws:RequestTag/goldsmith:environment" = var.environment }
        }
      },
      # A run that has no time left starts the next one.
      {
        Effect   = "Allow"
        Action   = "lambda:InvokeFunction"
        Resource = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.stack}-reconcile"
      },
      # Which role a profile of the documents has.
      {
        Effect   = "Allow"
        Action   = "iam:GetInstanceProfile"
        Resource = "arn:${local.partition}:iam::${local.account}:instance-profile/*"
      },
      {
        Effect   = "Allow"
        Action   = ["iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]
        Resource = local.instance_role_arn
      },
      {
        Effect    = "Allow"
        Action    = "iam:CreateServiceLinkedRole"
        Resource  = local.service_linked_role
        Condition = { StringEquals = { "iam:AWSServiceName" = "imagebuilder.amazonaws.com" } }
      },
      # These take no resource.
      {
        Effect   = "Allow"
        Action   = ["ec2:DescribeImages", "ec2:DescribeInstances", "ec2:DescribeInstanceTypes", "ec2:DescribeRegions", "ec2:DescribeSubnets"]
        Resource = "*"
      },
      # The keys of further Regions, whichever the documents name.
      { Effect = "Allow", Action = "kms:DescribeKey", Resource = "arn:${local.partition}:kms:*:${local.account}:key/*" },
      ],
      # Roles of instance profiles that documents may name.
      [for arns in [var.instance_role_arns] : {
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = arns
        Condition = { StringEquals = { "iam:PassedToService" = "ec2.amazonaws.com" } }
      } if length(arns) > 0],
      # An instance that a failed build has kept gets the day of its end, and then its end.
      [{
        Effect   = "Allow"
        Action   = ["ec2:CreateTags", "ec2:TerminateInstances"]
        Resource = "arn:${local.partition}:ec2:${local.region}:${local.account}:instance/*"
        Condition = {
          StringEquals = { "aws:ResourceTag/CreatedBy" = "EC2 Image Builder" }
          StringLike = {
            "aws:ResourceTag/Ec2ImageBuilderArn" = "arn:${local.partition}:imagebuilder:${local.region}:${local.account}:image/*-${var.environment}-*/*"
          }
          "ForAllValues:StringEquals" = { "aws:TagKeys" = "expiry_date" }
        }
      }],
    )
  })
}

resource "aws_iam_role_policy" "serve_consumers" {
  name = "serve-consumers"
  role = aws_iam_role.reconcile.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # A new image of which only the tags are known beforehand, from a configuration of ours.
      {
        Effect   = "Allow"
        Action   = "imagebuilder:DistributeImage"
        Resource = "arn:${local.partition}:imagebuilder:${local.region}:${local.account}:image/*"
        Condition = {
          StringEquals         = { "aws:RequestTag/goldsmith:environment" = var.environment }
          StringEqualsIfExists = { "aws:ResourceTag/goldsmith:environment" = var.environment }
        }
      },
      {
        Effect    = "Allow"
        Action    = "imagebuilder:DistributeImage"
        Resource  = "arn:${local.partition}:imagebuilder:${local.region}:${local.account}:distribution-configuration/*"
        Condition = { StringEquals = { "aws:ResourceTag/goldsmith:environment" = var.environment } }
      },
      # Who may launch our AMIs, in every Region that images go to.
      {
        Effect    = "Allow"
        Action    = ["ec2:DescribeImageAttribute", "ec2:ModifyImageAttribute"]
        Resource  = "arn:${local.partition}:ec2:*::image/*"
        Condition = { StringEquals = { "aws:ResourceTag/goldsmith:environment" = var.environment } }
      },
      # A snapshot that is shared with nobody of the documents. Image Builder puts this tag on it.
      {
        Effect    = "Allow"
        Action    = "ec2:DescribeSnapshotAttribute"
        Resource  = "arn:${local.partition}:ec2:*::snapshot/*"
        Condition = { StringEquals = { "aws:ResourceTag/CreatedBy" = "EC2 Image Builder" } }
      },
      # Writes the AMI id into the account of a consumer, or builds an image there again: of those that name
      # these roles and trust this one.
      {
        Effect = "Allow"
        Action = "sts:AssumeRole"
        Resource = [
          "arn:${local.partition}:iam::*:role/${local.stack}-parameters",
          "arn:${local.partition}:iam::*:role/${local.stack}-rebuild",
        ]
      },
      # Asks whether an image can be used, before it is published: as the role that looks, of those that name this one
      # in VerifierArns.
      {
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = "arn:${local.partition}:iam::*:role/${local.stack}-verify"
      },
    ]
  })
}

locals {
  # AWS leaves the name of the default bus out of the ARN, the embedded AWS does not.
  build_rule_arns = [
    "arn:${local.partition}:events:${local.region}:${local.account}:rule/${local.stack}-build",
    "arn:${local.partition}:events:${local.region}:${local.account}:rule/default/${local.stack}-build",
  ]
  key_policy_actions = [
    "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:PutKeyPolicy", "kms:ListGrants", "kms:RevokeGrant",
  ]
}

resource "aws_iam_role_policy" "keep_policies_and_schedule" {
  name = "keep-policies-and-schedule"
  role = aws_iam_role.reconcile.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = local.key_policy_actions, Resource = local.key_arn },
      # The keys of further Regions, made by modules/region.
      {
        Effect    = "Allow"
        Action    = local.key_policy_actions
        Resource  = "arn:${local.partition}:kms:*:${local.account}:key/*"
        Condition = { StringEquals = { "aws:ResourceTag/goldsmith:environment" = var.environment } }
      },
      # Consumers read what is published.
      { Effect = "Allow", Action = ["s3:GetBucketPolicy", "s3:PutBucketPolicy"], Resource = local.output_arn },
      {
        Effect   = "Allow"
        Action   = ["events:DescribeRule", "events:PutRule"]
        Resource = local.build_rule_arns
      },
      # The rule's own target, put back where somebody removed it, and no other.
      {
        Effect   = "Allow"
        Action   = "events:PutTargets"
        Resource = local.build_rule_arns
        Condition = {
          "ForAllValues:ArnEquals" = {
            "events:TargetArn" = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.stack}-scheduled-build"
          }
        }
      },
    ]
  })
}
