# What no role of the module ever does, whatever policy somebody attaches to it later. It allows nothing by itself: a
# role may do what its own policies and this allow. Rights of its own are not among it.

locals {
  makes_boundary = var.permissions_boundary_arn == null
  boundary_arn   = local.makes_boundary ? aws_iam_policy.boundary[0].arn : var.permissions_boundary_arn
}

resource "aws_iam_policy" "boundary" {
  # checkov:skip=CKV_AWS_286:a boundary gives no right; the policies of the roles do
  # checkov:skip=CKV_AWS_287:a boundary gives no right; the policies of the roles do
  # checkov:skip=CKV_AWS_288:a boundary gives no right; the policies of the roles do
  # checkov:skip=CKV_AWS_289:a boundary gives no right; the policies of the roles do
  # checkov:skip=CKV_AWS_290:a boundary gives no right; the policies of the roles do
  # checkov:skip=CKV_AWS_355:a boundary gives no right; the policies of the roles do
  count = local.makes_boundary ? 1 : 0

  name        = local.named["Boundary"]
  description = "Bounds every role of the stack, and gives no right"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Services"
        Effect = "Allow"
        Action = [
          "ec2:*",
          "ec2messages:*",
          "events:*",
          "iam:CreateServiceLinkedRole",
          "iam:GetInstanceProfile",
          "iam:ListAttachedRolePolicies",
          "iam:ListRolePolicies",
          "iam:PassRole",
          "imagebuilder:*",
          "kms:*",
          "lambda:GetFunctionConcurrency",
          "lambda:GetPolicy",
          "lambda:InvokeFunction",
          "logs:*",
          "s3:*",
          "sns:*",
          "sqs:*",
          "ssm:*",
          "ssmmessages:*",
          "sts:AssumeRole",
        ]
        Resource = "*"
      },
      # Without its key no volume of an image can be attached again.
      {
        Sid      = "KeepKeys"
        Effect   = "Deny"
        Action   = ["kms:DeleteImportedKeyMaterial", "kms:DisableKey", "kms:DisableKeyRotation", "kms:ScheduleKeyDeletion"]
        Resource = "*"
      },
      # This condition key is of snapshots alone (service authorization reference for EC2): no policy can forbid to share
      # an AMI with everybody. EC2 itself makes no AMI with encrypted volumes public, and each of ours has them.
      {
        Sid       = "NoPublicSnapshots"
        Effect    = "Deny"
        Action    = "ec2:ModifySnapshotAttribute"
        Resource  = "*"
        Condition = { StringEquals = { "ec2:Add/group" = "all" } }
      },
      {
        Sid    = "KeepBlocksOfPublicAccess"
        Effect = "Deny"
        Action = [
          "ec2:DisableImageBlockPublicAccess",
          "ec2:DisableSnapshotBlockPublicAccess",
          "s3:PutAccountPublicAccessBlock",
          "s3:PutBucketAcl",
          "s3:PutBucketPublicAccessBlock",
          "s3:PutObjectAcl",
          "s3:PutObjectVersionAcl",
        ]
        Resource = "*"
      },
      # Who writes a document decides who may use the keys.
      {
        Sid       = "DocumentsAreReviewed"
        Effect    = "Deny"
        NotAction = ["s3:Get*", "s3:List*"]
        Resource  = [local.documents_arn, "${local.documents_arn}/*"]
      },
      {
        Sid       = "PassRolesToTheirServicesOnly"
        Effect    = "Deny"
        Action    = "iam:PassRole"
        Resource  = "*"
        Condition = { StringNotEquals = { "iam:PassedToService" = ["ec2.amazonaws.com", "imagebuilder.amazonaws.com"] } }
      },
    ]
  })
}
