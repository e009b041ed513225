# What the module makes if nothing is given but the zip: `terraform test` in infra/terraform. It needs no account.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  # Any file: its content is not looked at here.
  zip = "./tests/defaults.tftest.hcl"
}

run "names_say_environment_account_and_region" {
  command = plan

  assert {
    condition     = output.DocumentBucket == "goldsmith-nonprod-documents-111122223333-eu-west-1"
    error_message = "The bucket of the documents is ${output.DocumentBucket}."
  }

  assert {
    condition     = output.Reconcile == "goldsmith-nonprod-reconcile" && output.BuildRule == "goldsmith-nonprod-build"
    error_message = "The command line finds the function and the rule by these names."
  }

  # Consumers let in roles by these patterns (infra/consumer-account.yaml).
  assert {
    condition = alltrue([
      for role in [aws_iam_role.reconcile.name, aws_iam_role.image_events.name, aws_iam_role.distribution.name] :
      can(regex("^goldsmith-nonprod-(Reconcile|ImageEvents|Distribution)Role-.+$", role))
    ])
    error_message = "A role's name does not match what consumers trust."
  }
}

run "the_longest_names_fit" {
  command = plan

  variables {
    environment = "abcdefghijkl"
  }

  # IAM takes 64 characters for a role, S3 takes 63 for a bucket. The longest Region has 14.
  assert {
    condition     = alltrue([for name in values(local.named) : length(name) <= 64 - 14 + length("eu-west-1")])
    error_message = "A name of IAM would be too long."
  }

  assert {
    condition     = length(output.DocumentBucket) <= 63 - 14 + length("eu-west-1")
    error_message = "A bucket's name would be too long."
  }
}

run "everybody_may_upload_unless_somebody_is_named" {
  command = plan

  assert {
    condition     = !strcontains(aws_s3_bucket_policy.documents.policy, "OnlyUploadersWrite")
    error_message = "Nobody is named, so the statement would let in nobody."
  }
}

run "only_those_who_are_named_upload" {
  command = plan

  variables {
    uploader_arns = ["arn:aws:iam::111122223333:role/upload"]
  }

  assert {
    condition = [
      for each in jsondecode(aws_s3_bucket_policy.documents.policy).Statement :
      each.Condition.ArnNotLike["aws:PrincipalArn"] if try(each.Sid, "") == "OnlyUploadersWrite"
    ] == [["arn:aws:iam::111122223333:role/upload"]]
    error_message = "The policy does not name the uploader."
  }
}

run "every_role_has_the_boundary" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
  }

  assert {
    condition = alltrue([
      for role in [
        aws_iam_role.reconcile, aws_iam_role.scheduled_build, aws_iam_role.image_events, aws_iam_role.distribution,
        aws_iam_role.build_instance[0],
      ] : role.permissions_boundary == "arn:aws:iam::111122223333:policy/boundary"
    ])
    error_message = "A role has no boundary."
  }
}

run "the_boundary_is_made_unless_one_is_given" {
  command = plan

  assert {
    condition     = length(aws_iam_policy.boundary) == 1
    error_message = "There is no boundary."
  }
}
