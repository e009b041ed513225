# An account that launches the images and gets copies of them. `goldsmith consumer ACCOUNT` prints the values.

terraform {
  required_version = ">= 1.11"
  backend "s3" {}
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["222222222222"]
}

module "images" {
  source = "../../modules/consumer-account"

  building_account = "111122223333"
  environment      = "nonprod"
  key_arns         = ["arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"]

  launch_role_name = "launch"
  copy_role        = "make"
  write_parameters = true

  # Who may ask from the building side whether the images can be launched here, and where they may try it.
  verifier_arns     = ["arn:aws:iam::111122223333:role/goldsmith-verify"]
  verify_subnet_ids = ["subnet-0a1b2c3d4e5f60718"]
}

output "images" {
  description = "What the building side's documents name of this account"
  value       = module.images
}
