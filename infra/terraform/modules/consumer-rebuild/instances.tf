# Who build instances are. What they may do is the same in the building account.

module "build_instance" {
  source = "../build-instance"

  partition        = local.partition
  region           = local.region
  account          = local.account
  parameter_prefix = var.parameter_prefix
}

resource "aws_iam_role" "instance" {
  name = "${local.prefix}-InstanceRole-${local.region}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_instance_profile" "rebuild" {
  name = "${local.prefix}-rebuild"
  role = aws_iam_role.instance.name
}

resource "aws_iam_role_policy" "build" {
  # checkov:skip=CKV_AWS_290:the agent's calls take no resource, or only the instance, whose id nobody knows beforehand
  # checkov:skip=CKV_AWS_355:as above
  name = "build"
  role = aws_iam_role.instance.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = module.build_instance.statements
  })
}
