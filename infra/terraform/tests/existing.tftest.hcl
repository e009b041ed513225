# What is there already is used and not made again.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  zip                       = "./tests/existing.tftest.hcl"
  existing_document_bucket  = "documents-of-the-team"
  existing_output_bucket    = "output-of-the-team"
  existing_key_arn          = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
  existing_signing_key_arn  = "arn:aws:kms:eu-west-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321"
  existing_topic_arn        = "arn:aws:sns:eu-west-1:111122223333:alerts"
  existing_instance_profile = "given"
}

run "nothing_is_made_that_is_given" {
  command = plan

  assert {
    condition = 0 == sum([
      length(aws_s3_bucket.documents), length(aws_s3_bucket.output), length(aws_kms_key.image),
      length(aws_kms_key.signing), length(aws_kms_key.topic), length(aws_sns_topic.topic),
      length(aws_iam_instance_profile.build), length(aws_iam_role.build_instance),
    ])
    error_message = "Something is made beside what was given."
  }

  # The settings of a bucket that somebody else made are theirs.
  assert {
    condition     = 0 == length(aws_s3_bucket_versioning.documents) + length(aws_s3_bucket_lifecycle_configuration.output)
    error_message = "The settings of a given bucket would be changed."
  }
}

run "the_functions_get_what_is_given" {
  command = plan

  assert {
    condition = alltrue([
      for name, value in {
        DOCUMENT_BUCKET  = "documents-of-the-team"
        OUTPUT_BUCKET    = "output-of-the-team"
        KEY_ARN          = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
        SIGNING_KEY      = "arn:aws:kms:eu-west-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321"
        TOPIC_ARN        = "arn:aws:sns:eu-west-1:111122223333:alerts"
        INSTANCE_PROFILE = "given"
        INSTANCE_ROLE    = "arn:aws:iam::111122223333:role/given"
      } : aws_lambda_function.function["reconcile"].environment[0].variables[name] == value
    ])
    error_message = "A function's environment has something else."
  }

  assert {
    condition     = aws_s3_bucket_notification.documents.bucket == "documents-of-the-team"
    error_message = "Nobody hears of documents in the given bucket."
  }
}

run "a_topic_without_a_key_needs_no_right_on_one" {
  command = plan

  assert {
    condition     = !strcontains(aws_iam_policy.notify.policy, "kms:")
    error_message = "The topic has no key."
  }
}

run "a_topic_with_a_key_needs_a_right_on_it" {
  command = plan

  variables {
    existing_topic_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/aaaabbbb-09fe-87dc-65ba-ab0987654321"
  }

  assert {
    condition     = strcontains(aws_iam_policy.notify.policy, "aaaabbbb-09fe-87dc-65ba-ab0987654321")
    error_message = "The functions could not publish."
  }
}
