# One environment in one Region. Copy this folder, and give the module by its release:
#   source = "github.com/<owner>/goldsmith//infra/terraform?ref=<tag>"

terraform {
  required_version = ">= 1.11"

  # backend.hcl says where the state is: terraform init -backend-config=backend.hcl
  backend "s3" {}
}

provider "aws" {
  region = var.region
  # A plan with the wrong credentials stops here.
  allowed_account_ids = [var.account]
}

module "goldsmith" {
  source = "../.."

  environment        = "nonprod"
  zip                = var.zip
  log_retention_days = var.log_retention_days
  parameter_prefix   = var.parameter_prefix
  uploader_arns      = var.uploader_arns

  existing_document_bucket = var.existing.document_bucket
  existing_output_bucket   = var.existing.output_bucket
  existing_key_arn         = var.existing.key_arn
  existing_signing_key_arn = var.existing.signing_key_arn
}

output "goldsmith" {
  description = "What the stack made, by the names of infra/template.yaml's outputs"
  value       = module.goldsmith
}
