# With this role Image Builder copies a finished image into consumers' accounts (DistributeImage). What it may is
# the part of the managed policies of the service that distribution needs: the copy itself is made by a role in
# the consumer's account, which reads our AMI, our snapshots and our key.

resource "aws_iam_role" "distribution" {
  name                 = local.named["DistributionRole"]
  assume_role_policy   = local.trusts["imagebuilder"]
  permissions_boundary = local.boundary_arn
}

resource "aws_iam_role_policy" "copy_images" {
  name = "copy-images"
  role = aws_iam_role.distribution.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # The name is fixed by Image Builder; whom it lets in is the consumer's to say.
      {
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = "arn:${local.partition}:iam::*:role/EC2ImageBuilderDistributionCrossAccountRole"
      },
      # These take no resource.
      { Effect = "Allow", Action = ["ec2:DescribeImages", "ec2:DescribeSnapshots", "ec2:DescribeTags"], Resource = "*" },
      # A copy has no tags before it is there.
      {
        Effect   = "Allow"
        Action   = "ec2:CopyImage"
        Resource = ["arn:${local.partition}:ec2:*::image/*", "arn:${local.partition}:ec2:*::snapshot/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["ec2:CreateTags", "ec2:ModifyImageAttribute"]
        Resource = "arn:${local.partition}:ec2:*::image/*"
        # A tag of another environment would give it our AMI.
        Condition = {
          StringEquals         = { "aws:ResourceTag/goldsmith:environment" = var.environment }
          StringEqualsIfExists = { "aws:RequestTag/goldsmith:environment" = var.environment }
        }
      },
      # The tag that Image Builder puts on the snapshots of its images.
      {
        Effect    = "Allow"
        Action    = "ec2:ModifySnapshotAttribute"
        Resource  = "arn:${local.partition}:ec2:*::snapshot/*"
        Condition = { StringEquals = { "aws:ResourceTag/CreatedBy" = "EC2 Image Builder" } }
      },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/imagebuilder/*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "use_keys" {
  name = "use-keys"
  role = aws_iam_role.distribution.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # The stack's key has the tag as well as those of further Regions.
      {
        Effect = "Allow"
        Action = [
          "kms:Decrypt",
          "kms:DescribeKey",
          "kms:Encrypt",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
        ]
        Resource = "arn:${local.partition}:kms:*:${local.account}:key/*"
        Condition = {
          StringEquals = { "aws:ResourceTag/goldsmith:environment" = var.environment }
          StringLike   = { "kms:ViaService" = "ec2.*.amazonaws.com" }
        }
      },
      {
        Effect   = "Allow"
        Action   = "kms:CreateGrant"
        Resource = "arn:${local.partition}:kms:*:${local.account}:key/*"
        Condition = {
          StringEquals = { "aws:ResourceTag/goldsmith:environment" = var.environment }
          StringLike   = { "kms:ViaService" = "ec2.*.amazonaws.com" }
          Bool         = { "kms:GrantIsForAWSResource" = "true" }
        }
      },
    ]
  })
}
