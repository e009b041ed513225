# Image Builder assumes this role to copy an image here, with the credentials of the building side's distribution
# role. The name, and an account as its principal, are those of the Image Builder user guide, cross-account-dist. The
# page attaches Ec2ImageBuilderCrossAccountDistributionAccess, which may tag, copy and share any image. This is the
# same, as narrow as EC2 can tell the images apart:
# - A copy is made of an image of the building account. The source counts since October 2024 (EC2 user guide,
#   copy-ami-permissions). The owner of the copy may not be known yet, so this is a Deny for other owners, not an
#   Allow for one.
# - Sharing is for images that carry Image Builder's tag. Copies have no launch permissions of ours, so this is for
#   what the service itself does.
# - Tags may be set on any image: a copy has none when it gets its first.

locals {
  copy_role = "EC2ImageBuilderDistributionCrossAccountRole"
}

resource "aws_iam_role" "copy" {
  count = var.copy_role == "make" ? 1 : 0

  name               = local.copy_role
  description        = "Image Builder of the building account copies images here with it"
  assume_role_policy = local.trusts["copy"]
}

resource "aws_iam_role_policy" "copy" {
  count = var.copy_role == "make" ? 1 : 0

  name = "copy"
  role = aws_iam_role.copy[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # It takes no resource.
      { Sid = "Look", Effect = "Allow", Action = "ec2:DescribeImages", Resource = "*" },
      {
        Sid      = "Copy"
        Effect   = "Allow"
        Action   = ["ec2:CopyImage", "ec2:CreateTags"]
        Resource = ["arn:${local.partition}:ec2:*::image/*", "arn:${local.partition}:ec2:*::snapshot/*"]
      },
      {
        Sid      = "OnlyOfTheBuildingAccount"
        Effect   = "Deny"
        Action   = "ec2:CopyImage"
        Resource = "arn:${local.partition}:ec2:*::image/*"
        Condition = {
          StringNotEquals = { "ec2:Owner" = [var.building_account, local.account] }
          Null            = { "ec2:Owner" = "false" }
        }
      },
      {
        Sid       = "Share"
        Effect    = "Allow"
        Action    = "ec2:ModifyImageAttribute"
        Resource  = "arn:${local.partition}:ec2:*::image/*"
        Condition = { StringEquals = { "aws:ResourceTag/CreatedBy" = "EC2 Image Builder" } }
      },
    ]
  })
}

# The actions are those of the page above, which has them on every key and without conditions. A copy is read with
# the building side's key of the Region and written with the key that it gets, both by EC2 for this role (the
# service's own role has the same condition: AWS managed policy reference, AWSServiceRoleForImageBuilder). The grants
# are always EC2's (EBS user guide, share-kms-key; KMS developer guide, kms:GrantIsForAWSResource and kms:ViaService;
# in China a service's name ends in .cn).
resource "aws_iam_role_policy" "copy_keys" {
  count = var.copy_role == "none" ? 0 : 1

  name = "${local.prefix}-keys"
  role = var.copy_role == "make" ? aws_iam_role.copy[0].name : local.copy_role
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "UseKeys"
        Effect    = "Allow"
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = local.keys
        Condition = { StringLike = local.via_ec2 }
      },
      {
        Sid       = "GrantToServices"
        Effect    = "Allow"
        Action    = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
        Resource  = local.keys
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" }, StringLike = local.via_ec2 }
      },
    ]
  })
}

# Image Builder assumes it when a lifecycle policy retires an image, to retire the copies here. Name, trust and
# managed policy: Image Builder user guide, image-lifecycle-prerequisites; the page has any account in the ARN of the
# image, beside the same aws:SourceAccount. The managed policy only touches what carries Image Builder's tag.
resource "aws_iam_role" "lifecycle" {
  count = var.lifecycle_role == "make" ? 1 : 0

  name        = "Ec2ImageBuilderCrossAccountLifecycleAccess"
  description = "Image Builder retires copies here with it, when the building account retires the image"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "imagebuilder.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.building_account }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:imagebuilder:*:${var.building_account}:image/*/*/*" }
      }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "lifecycle" {
  count = var.lifecycle_role == "make" ? 1 : 0

  role       = aws_iam_role.lifecycle[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/EC2ImageBuilderLifecycleExecutionPolicy"
}
