# Who build instances are. A component runs as root with this role, so whatever it may do, a document may do.
# Amazon's managed policies for it read every parameter of the account.

data "aws_iam_instance_profile" "given" {
  count = local.makes_profile ? 0 : 1

  name = var.existing_instance_profile
}

resource "aws_iam_role" "build_instance" {
  count = local.makes_profile ? 1 : 0

  name                 = local.named["BuildInstanceRole"]
  assume_role_policy   = local.trusts["ec2"]
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_instance_profile" "build" {
  count = local.makes_profile ? 1 : 0

  name = local.named["BuildInstanceProfile"]
  role = aws_iam_role.build_instance[0].name
}

resource "aws_iam_role_policy" "build" {
  count = local.makes_profile ? 1 : 0

  name = "build"
  role = aws_iam_role.build_instance[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # The agent's own calls (Systems Manager user guide, "ec2messages, ssmmessages, and other API
      # operations"), which run the build and Session Manager, and the inventory that Image Builder collects.
      # They take no resource, or only the instance, whose id nobody knows beforehand.
      {
        Sid    = "Agent"
        Effect = "Allow"
        Action = [
          "ec2messages:AcknowledgeMessage",
          "ec2messages:DeleteMessage",
          "ec2messages:FailMessage",
          "ec2messages:GetEndpoint",
          "ec2messages:GetMessages",
          "ec2messages:SendReply",
          "ssm:DescribeAssociation",
          "ssm:ListAssociations",
          "ssm:ListInstanceAssociations",
          "ssm:PutInventory",
          "ssm:UpdateAssociationStatus",
          "ssm:UpdateInstanceAssociationStatus",
          "ssm:UpdateInstanceInformation",
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ]
        Resource = "*"
      },
      {
        Sid      = "Documents"
        Effect   = "Allow"
        Action   = ["ssm:DescribeDocument", "ssm:GetDocument"]
        Resource = "arn:${local.partition}:ssm:${local.region}::document/AWS-*"
      },
      # Amazon's components belong to the account `aws`, and others to whoever shares them.
      {
        Sid      = "Components"
        Effect   = "Allow"
        Action   = "imagebuilder:GetComponent"
        Resource = "arn:${local.partition}:imagebuilder:${local.region}:*:component/*"
      },
      # Image Builder's own buckets (Image Builder user guide, "VPC interface endpoints").
      {
        Sid    = "ComponentManager"
        Effect = "Allow"
        Action = "s3:GetObject"
        Resource = [
          "arn:${local.partition}:s3:::ec2imagebuilder-toe-${local.region}-prod/*",
          "arn:${local.partition}:s3:::ec2imagebuilder-managed-resources-${local.region}-prod/components/*",
        ]
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/imagebuilder/*"
      },
      {
        Sid      = "ReadOurParameters"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter", "ssm:GetParameters"]
        Resource = local.readable_parameters[0]
      },
      {
        Sid         = "NoOtherParameters"
        Effect      = "Deny"
        Action      = "ssm:GetParameter*"
        NotResource = local.readable_parameters[0]
      },
      # Test components store what they found (docs/gates.md). It reads none of it, and lists nothing.
      {
        Sid      = "StoreResults"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "${local.output_arn}/results/*"
      },
      # A policy that somebody attaches later may let it read buckets, and nothing else: it assumes no role,
      # uses no key, and changes nothing of the stack or of Image Builder.
      {
        Sid    = "NothingElse"
        Effect = "Deny"
        NotAction = [
          "ec2messages:*",
          "imagebuilder:GetComponent",
          "logs:CreateLogGroup",
          "logs:CreateLogStream",
          "logs:PutLogEvents",
          "s3:GetObject",
          "s3:ListBucket",
          "s3:PutObject",
          "ssm:DescribeAssociation",
          "ssm:DescribeDocument",
          "ssm:GetDocument",
          "ssm:GetParameter*",
          "ssm:ListAssociations",
          "ssm:ListInstanceAssociations",
          "ssm:PutInventory",
          "ssm:UpdateAssociationStatus",
          "ssm:UpdateInstanceAssociationStatus",
          "ssm:UpdateInstanceInformation",
          "ssmmessages:*",
        ]
        Resource = "*"
      },
      # It writes results, and nothing anywhere else.
      {
        Sid         = "NoOtherWrites"
        Effect      = "Deny"
        Action      = "s3:PutObject"
        NotResource = "${local.output_arn}/results/*"
      },
      # The buckets of every environment of the account.
      {
        Sid       = "NoBucketsOfStacks"
        Effect    = "Deny"
        NotAction = "s3:PutObject"
        Resource = [
          "arn:${local.partition}:s3:::goldsmith-*-documents-*",
          "arn:${local.partition}:s3:::goldsmith-*-output-*",
          local.documents_arn,
          "${local.documents_arn}/*",
          local.output_arn,
          "${local.output_arn}/*",
        ]
      },
    ]
  })
}
