# `goldsmith verify` looks with this role from this side, for those who are named. No condition can demand a dry run:
# they could start an instance of these images, in the subnets and of the types that are named. It would have no role
# of its own, since nothing here passes one. Without subnets they only look. It has no rights on keys: EC2 does not
# ask KMS in a dry run (EC2 API reference, RunInstances, DryRun), and keys are tried as the launching roles.

locals {
  verifies       = length(var.verifier_arns) > 0
  tries_launches = local.verifies && length(var.verify_subnet_ids) > 0
}

resource "aws_iam_role" "verify" {
  count = local.verifies ? 1 : 0

  name               = "${local.prefix}-verify"
  description        = "goldsmith checks with it that the images can be launched here"
  assume_role_policy = local.trusts["verify"]
}

resource "aws_iam_role_policy" "verify" {
  count = local.verifies ? 1 : 0

  name = "verify"
  role = aws_iam_role.verify[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # None of these takes a resource. By name: `ec2:Describe*` would tell user data too.
      {
        Sid    = "Look"
        Effect = "Allow"
        Action = [
          "ec2:DescribeImages", "ec2:DescribeRegions", "ec2:DescribeSecurityGroups", "ec2:DescribeSnapshots",
          "ec2:DescribeSubnets", "ssm:DescribeParameters",
        ]
        Resource = "*"
      },
      {
        Sid      = "ReadParameters"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter", "ssm:GetParameters"]
        Resource = "arn:${local.partition}:ssm:*:${local.account}:parameter/goldsmith/${var.environment}/*"
      },
      # Whether a launching role may use the keys: nobody can try them past EC2. The answer is yes or no for each
      # action, and shows no policy.
      {
        Sid      = "AskWhatRolesMay"
        Effect   = "Allow"
        Action   = "iam:SimulatePrincipalPolicy"
        Resource = "arn:${local.partition}:iam::${local.account}:role/*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "launch" {
  count = local.tries_launches ? 1 : 0

  name = "launch"
  role = aws_iam_role.verify[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "LaunchImages"
        Effect    = "Allow"
        Action    = "ec2:RunInstances"
        Resource  = "arn:${local.partition}:ec2:*::image/*"
        Condition = { StringEquals = { "ec2:Owner" = [var.building_account, local.account] } }
      },
      {
        Sid       = "OfTheseTypes"
        Effect    = "Allow"
        Action    = "ec2:RunInstances"
        Resource  = "arn:${local.partition}:ec2:*:${local.account}:instance/*"
        Condition = { StringEquals = { "ec2:InstanceType" = var.verify_instance_types } }
      },
      # The subnet may be another account's, shared with this one. A security group is of the subnet's VPC, or EC2
      # refuses the launch.
      {
        Sid       = "IntoTheseSubnets"
        Effect    = "Allow"
        Action    = "ec2:RunInstances"
        Resource  = "arn:${local.partition}:ec2:*:*:subnet/*"
        Condition = { StringEquals = { "ec2:SubnetID" = var.verify_subnet_ids } }
      },
      {
        Sid    = "WithTheirParts"
        Effect = "Allow"
        Action = "ec2:RunInstances"
        Resource = [
          "arn:${local.partition}:ec2:*:${local.account}:network-interface/*",
          "arn:${local.partition}:ec2:*:${local.account}:volume/*",
          "arn:${local.partition}:ec2:*:*:security-group/*",
        ]
      },
    ]
  })
}
