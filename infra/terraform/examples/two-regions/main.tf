# One environment that builds in us-east-1 and serves eu-west-1 too: a further Region needs a key of its own.

terraform {
  required_version = ">= 1.11"

  # As in ../nonprod: terraform init -backend-config=backend.hcl
  backend "s3" {}
}

provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "ireland"
  region = "eu-west-1"
}

variable "zip" {
  type        = string
  default     = null
  description = "The path of functions.zip of a release; by default what `make zips` makes."
}

module "goldsmith" {
  source = "../.."

  environment = "nonprod"
  zip         = var.zip
}

module "ireland" {
  source    = "../../modules/region"
  providers = { aws = aws.ireland }

  environment = "nonprod"
}

# environment.json takes the key of eu-west-1:
#   "regions": { "us-east-1": {}, "eu-west-1": { "kms-key": "<keys.eu-west-1>" } }
output "keys" {
  description = "The keys that encrypt the images, by Region"
  value       = { us-east-1 = module.goldsmith.KeyArn, eu-west-1 = module.ireland.KeyArn }
}
