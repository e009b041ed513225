# A consumer that asks for everything, for tests/terraform_consumers_test.py, beside a copy of infra/terraform.

variable "key_arns" {
  type = list(string)
}

module "account" {
  source = "../modules/consumer-account"

  building_account           = "111122223333"
  key_arns                   = var.key_arns
  own_key_arns               = ["arn:aws:kms:us-east-1:222222222222:key/0987dcba-09fe-87dc-65ba-ab0987654321"]
  launch_role_name           = "launch"
  copy_role                  = "make"
  lifecycle_role             = "make"
  further_distribution_roles = ["arn:aws:iam::111122223333:role/goldsmith-prod-DistributionRole-*"]
  write_parameters           = true
  verifier_arns              = ["arn:aws:iam::111122223333:role/deploy/goldsmith-verify"]
  verify_subnet_ids          = ["subnet-0a1b2c3d", "subnet-0a1b2c3d4e5f60718"]
  verify_instance_types      = ["m6i.large", "m7g.large"]
}

module "rebuild" {
  source = "../modules/consumer-rebuild"

  building_account = "111122223333"
  parameter_prefix = "/images/"
}

module "region" {
  source = "../modules/region"
}

output "all" {
  value = [module.account, module.rebuild, module.region]
}
