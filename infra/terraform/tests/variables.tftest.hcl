# What cannot be right is refused before anything is made. The texts are those that infra/template.yaml refuses.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  zip = "./tests/variables.tftest.hcl"
}

# One run for many variables: each run starts the provider once more.
run "each_has_a_form" {
  command = plan

  variables {
    environment        = "nonproduction"
    log_retention_days = 31
    log_level          = "LOUD"
    architecture       = "aarch64"
    parameter_prefix   = "/goldsmith"
    # A wildcard never stands for every role.
    uploader_arns             = ["arn:aws:iam::111122223333:role/upload", "arn:aws:iam::111122223333:role/*"]
    existing_document_bucket  = "arn:aws:s3:::documents"
    existing_output_bucket    = "s3://output"
    existing_key_arn          = "arn:aws:kms:eu-west-1:111122223333:alias/images"
    existing_signing_key_arn  = "alias/signing"
    existing_topic_arn        = "arn:aws:sns:eu-west-1:111122223333:alerts.fifo"
    existing_instance_profile = "arn:aws:iam::111122223333:instance-profile/build"
    permissions_boundary_arn  = "boundary"
    max_days_without_build    = 1.5
  }

  expect_failures = [
    var.environment, var.log_retention_days, var.log_level, var.architecture, var.parameter_prefix, var.uploader_arns,
    var.existing_document_bucket, var.existing_output_bucket, var.existing_key_arn, var.existing_signing_key_arn,
    var.existing_topic_arn, var.existing_instance_profile, var.permissions_boundary_arn, var.max_days_without_build,
  ]
}

run "a_prefix_is_not_amazons_and_a_topics_key_needs_the_topic" {
  command = plan

  variables {
    parameter_prefix       = "/Aws/service/"
    existing_topic_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/aaaabbbb-09fe-87dc-65ba-ab0987654321"
  }

  expect_failures = [var.parameter_prefix, var.existing_topic_key_arn]
}
