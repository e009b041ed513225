data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id
  root      = "arn:${local.partition}:iam::${local.account}:root"

  # What the command line calls the stack: the functions' names begin with it.
  stack = "goldsmith-${var.environment}"

  # Consumers let in the roles of this stack by the pattern `<stack>-ReconcileRole-*`, because CloudFormation
  # ends its names with letters that it draws. Here the Region ends them: names of IAM hold for all Regions.
  named = { for each in local.principals : each => "${local.stack}-${each}-${local.region}" }
  principals = [
    "BuildInstanceProfile", "BuildInstanceRole", "DistributionRole", "ImageEventsRole", "ReconcileRole",
    "ScheduledBuildRole",
    "Boundary", "LookForDamage", "Notify", "ReadDocuments", "ReadParameters", "ReportFailures",
  ]

  # Made here, or given. A bucket's name is composed, not read, so that functions do not wait for a bucket.
  makes_documents   = var.existing_document_bucket == null
  makes_output      = var.existing_output_bucket == null
  makes_key         = var.existing_key_arn == null
  makes_signing_key = var.existing_signing_key_arn == null
  makes_topic       = var.existing_topic_arn == null
  makes_profile     = var.existing_instance_profile == null

  document_bucket = (
    local.makes_documents ? "${local.stack}-documents-${local.account}-${local.region}" : var.existing_document_bucket
  )
  output_bucket = (
    local.makes_output ? "${local.stack}-output-${local.account}-${local.region}" : var.existing_output_bucket
  )
  documents_arn = "arn:${local.partition}:s3:::${local.document_bucket}"
  output_arn    = "arn:${local.partition}:s3:::${local.output_bucket}"

  key_arn         = local.makes_key ? aws_kms_key.image[0].arn : var.existing_key_arn
  signing_key_arn = local.makes_signing_key ? aws_kms_key.signing[0].arn : var.existing_signing_key_arn
  topic_arn       = local.makes_topic ? aws_sns_topic.topic[0].arn : var.existing_topic_arn
  topic_key_arn   = local.makes_topic ? aws_kms_key.topic[0].arn : var.existing_topic_key_arn

  instance_profile     = local.makes_profile ? aws_iam_instance_profile.build[0].name : var.existing_instance_profile
  instance_profile_arn = local.makes_profile ? aws_iam_instance_profile.build[0].arn : data.aws_iam_instance_profile.given[0].arn
  instance_role_arn    = local.makes_profile ? aws_iam_role.build_instance[0].arn : data.aws_iam_instance_profile.given[0].role_arn

  # What a service is trusted with: a role has one. Lambda says for which account it assumes a role (Lambda developer
  # guide, "Working with AWS managed policies in the execution role"). EC2 and Image Builder do not say it here. Only
  # this account can pass its roles to a service (IAM user guide, "Pass a role to a service").
  trusts = {
    for service in ["ec2", "imagebuilder", "lambda"] : service => jsonencode({
      Version = "2012-10-17"
      Statement = [merge(
        {
          Effect    = "Allow"
          Principal = { Service = "${service}.amazonaws.com" }
          Action    = "sts:AssumeRole"
        },
        service == "lambda" ? { Condition = { StringEquals = { "aws:SourceAccount" = local.account } } } : {},
      )]
    })
  }

  # Image Builder makes it with the account's first image.
  service_linked_role = "arn:${local.partition}:iam::${local.account}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"
}
