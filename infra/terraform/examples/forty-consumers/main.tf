# Forty accounts that launch the images, applied from the account that manages StackSets.
#
# A provider of Terraform is one account's, and there is no for_each over providers. So forty accounts would need forty
# provider blocks, or forty applies of ../consumer-account. A StackSet reaches them all: Terraform says which accounts
# there are and what each asks for, and each gets the stack of infra/consumer-account.yaml.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  backend "s3" {}
}

provider "aws" {
  region = "us-east-1"
}

variable "consumers" {
  # The keys are accounts. What is left out has the default of infra/consumer-account.yaml.
  type = map(object({
    launch_role_name = optional(string, "")
    copy_role        = optional(string, "none")
    own_key_arns     = optional(list(string), [])
    write_parameters = optional(bool, false)
  }))
  description = "The accounts that get a stack, and what each asks for."

  validation {
    condition     = alltrue([for account in keys(var.consumers) : can(regex("^[0-9]{12}$", account))])
    error_message = "Give each account by its twelve digits."
  }

  validation {
    condition     = alltrue([for each in values(var.consumers) : contains(["make", "exist", "none"], each.copy_role)])
    error_message = "copy_role is make, exist or none."
  }
}

resource "aws_cloudformation_stack_set" "consumers" {
  name         = "goldsmith-consumer-nonprod"
  description  = "What an account needs that is served with images by goldsmith"
  capabilities = ["CAPABILITY_NAMED_IAM"]
  # As it is: a parameter that changes there changes here.
  template_body = file("${path.module}/../../../consumer-account.yaml")

  # Roles that the accounts have (CloudFormation user guide, "Grant self-managed permissions").
  permission_model        = "SELF_MANAGED"
  administration_role_arn = "arn:aws:iam::111122223333:role/AWSCloudFormationStackSetAdministrationRole"
  execution_role_name     = "AWSCloudFormationStackSetExecutionRole"

  parameters = {
    BuildingAccount = "111122223333"
    Environment     = "nonprod"
    KeyArns         = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  # One account that fails is one account's trouble.
  operation_preferences {
    failure_tolerance_percentage = 100
    max_concurrent_percentage    = 100
  }
}

resource "aws_cloudformation_stack_set_instance" "consumer" {
  for_each = var.consumers

  stack_set_name = aws_cloudformation_stack_set.consumers.name
  account_id     = each.key
  region         = "us-east-1"

  parameter_overrides = {
    LaunchRoleName  = each.value.launch_role_name
    CopyRole        = each.value.copy_role
    OwnKeyArns      = join(",", each.value.own_key_arns)
    WriteParameters = tostring(each.value.write_parameters)
  }
}
