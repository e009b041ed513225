# What a build instance may do, in the building account and in one that rebuilds. A component runs as root with it, so
# whatever it may do, a document may do. Amazon's managed policies for it read every parameter of the account.

locals {
  parameters = "arn:${var.partition}:ssm:${var.region}:${var.account}:parameter${var.parameter_prefix}*"
}

output "statements" {
  description = "Statements for a policy of the instance's role"
  value = [
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
      Resource = "arn:${var.partition}:ssm:${var.region}::document/AWS-*"
    },
    # Amazon's components belong to the account `aws`, and others to whoever shares them.
    {
      Sid      = "Components"
      Effect   = "Allow"
      Action   = "imagebuilder:GetComponent"
      Resource = "arn:${var.partition}:imagebuilder:${var.region}:*:component/*"
    },
    # Image Builder's own buckets (Image Builder user guide, "VPC interface endpoints").
    {
      Sid    = "ComponentManager"
      Effect = "Allow"
      Action = "s3:GetObject"
      Resource = [
        "arn:${var.partition}:s3:::ec2imagebuilder-toe-${var.region}-prod/*",
        "arn:${var.partition}:s3:::ec2imagebuilder-managed-resources-${var.region}-prod/components/*",
      ]
    },
    {
      Sid      = "Log"
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "arn:${var.partition}:logs:${var.region}:${var.account}:log-group:/aws/imagebuilder/*"
    },
    {
      Sid      = "ReadOurParameters"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:GetParameters"]
      Resource = local.parameters
    },
    {
      Sid         = "NoOtherParameters"
      Effect      = "Deny"
      Action      = "ssm:GetParameter*"
      NotResource = local.parameters
    },
    # A policy that somebody attaches later may let it read buckets, and nothing else: it assumes no role,
    # uses no key, and changes nothing of the stack or of Image Builder.
    {
      Sid    = "NothingElse"
      Effect = "Deny"
      NotAction = concat(var.further_actions, [
        "ec2messages:*",
        "imagebuilder:GetComponent",
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:ListBucket",
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
      ])
      Resource = "*"
    },
  ]
}
