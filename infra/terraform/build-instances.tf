# Who build instances are. What they may do is the same for an account that rebuilds (modules/consumer-rebuild).

module "build_instance" {
  source = "./modules/build-instance"

  partition        = local.partition
  region           = local.region
  account          = local.account
  parameter_prefix = var.parameter_prefix
  further_actions  = ["s3:PutObject"]
}

data "aws_iam_instance_profile" "given" {
  count = local.makes_profile ? 0 : 1

  name = var.existing_instance_profile
}

resource "aws_iam_role" "build_instance" {
  count = local.makes_profile ? 1 : 0

  name                 = local.named["BuildInstanceRole"]
  assume_role_policy   = local.trusts["ec2"]
  permissions_boundary = local.boundary_arn
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
    Statement = concat(module.build_instance.statements, [
      # Test components store what they found (docs/gates.md). It reads none of it, and lists nothing.
      {
        Sid      = "StoreResults"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "${local.output_arn}/results/*"
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
    ])
  })
}
