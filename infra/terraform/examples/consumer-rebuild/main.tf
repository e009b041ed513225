# An account that builds the images once more which AWS does not copy (docs/hard-images.md).

terraform {
  required_version = ">= 1.11"
  backend "s3" {}
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["222222222222"]
}

module "rebuild" {
  source = "../../modules/consumer-rebuild"

  building_account = "111122223333"
  environment      = "nonprod"
}

output "rebuild" {
  description = "What the building side's documents name of this account"
  value       = module.rebuild
}
