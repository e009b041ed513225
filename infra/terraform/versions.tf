terraform {
  # 1.11 is the first with locks of the s3 backend that need no DynamoDB table (`use_lockfile`).
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # What the tests run. Version 6 renames attributes; nobody has tried it here.
      version = "~> 5.100"
    }
  }
}
