# The same inputs, with the same constraints, as the parameters of infra/consumer-rebuild.yaml.

variable "building_account" {
  type        = string
  nullable    = false
  description = "The account that builds the images."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.building_account))
    error_message = "Give twelve digits."
  }
}

variable "environment" {
  type        = string
  default     = "nonprod"
  nullable    = false
  description = "The environment, as the building side's environment.json names it."

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "Give two to twelve lower case letters and digits, a letter first."
  }
}

variable "building_stack" {
  type        = string
  default     = null
  description = "The name of the building side's stack; goldsmith-<environment> if null, as Terraform always names it."

  validation {
    condition     = var.building_stack == null || can(regex("^[A-Za-z][A-Za-z0-9-]{0,37}$", var.building_stack))
    error_message = "Give the name of a stack: at most 38 letters, digits and hyphens, a letter first."
  }
}

variable "parameter_prefix" {
  type        = string
  default     = "/goldsmith/"
  nullable    = false
  description = "Build instances may read this account's parameters below it, and no others."

  validation {
    condition     = can(regex("^/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/$", var.parameter_prefix))
    error_message = "Give a path that begins and ends with a slash, such as /goldsmith/."
  }

  # SSM refuses these names at the root, in any case.
  validation {
    condition     = !can(regex("^/(?i:aws|ssm)", var.parameter_prefix))
    error_message = "A path that begins with /aws or /ssm is Amazon's: give another, such as /goldsmith/."
  }
}
