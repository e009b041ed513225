# The same accounts are in workload_accounts.<region>.json or `accounts` of environment.json, where a review decides.
consumers = {
  "222222222222" = { launch_role_name = "launch" }
  "333333333333" = {
    copy_role        = "make"
    own_key_arns     = ["arn:aws:kms:us-east-1:333333333333:key/0987dcba-09fe-87dc-65ba-ab0987654321"]
    write_parameters = true
  }
  # ... and thirty-eight more
}
