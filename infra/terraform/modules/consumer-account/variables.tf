# The same inputs, with the same constraints, as the parameters of infra/consumer-account.yaml, but for
# `AutoScaling` and `GranteeRoleArn` (main.tf says why). `goldsmith consumer ACCOUNT` prints the values.

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

variable "key_arns" {
  type        = list(string)
  nullable    = false
  description = "The building side's keys, one for each Region that is served."

  validation {
    condition = length(var.key_arns) > 0 && alltrue([
      for arn in var.key_arns : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-)?[0-9a-f-]{32,36}$", arn))
    ])
    error_message = "Give the ARNs of one key or more, not of aliases."
  }
}

variable "own_key_arns" {
  type        = list(string)
  default     = []
  nullable    = false
  description = "Keys of this account that the copies are encrypted with, at most one a Region."

  validation {
    condition = alltrue([
      for arn in var.own_key_arns : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-)?[0-9a-f-]{32,36}$", arn))
    ])
    error_message = "Give ARNs of keys, not of aliases."
  }
}

variable "launch_role_name" {
  type        = string
  default     = null
  description = "The role that launches instances from the images; its policy is left alone if null."

  validation {
    condition     = var.launch_role_name == null || can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.launch_role_name))
    error_message = "Give the name of a role, without its path."
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

variable "copy_role" {
  type        = string
  default     = "none"
  nullable    = false
  description = "make: the role whose name AWS prescribes, which copies need. exist: the account has it, which it can only once, for instance from another environment. none: it gets no copies."

  validation {
    condition     = contains(["make", "exist", "none"], var.copy_role)
    error_message = "Give make, exist or none."
  }
}

variable "further_distribution_roles" {
  type        = list(string)
  default     = []
  nullable    = false
  description = "Distribution roles of other stacks of the building account that copy images here too, for a copy role that several environments share."

  validation {
    condition = alltrue([
      for arn in var.further_distribution_roles :
      can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z][A-Za-z0-9-]{0,37}-DistributionRole-[*]$", arn))
    ])
    error_message = "Give ARNs of the form arn:aws:iam::<account>:role/<stack>-DistributionRole-*."
  }
}

variable "lifecycle_role" {
  type        = string
  default     = "none"
  nullable    = false
  description = "make: the role with which a lifecycle policy of the building account retires copies here. goldsmith makes no lifecycle policy, so nothing needs it unless somebody else does."

  validation {
    condition     = contains(["make", "none"], var.lifecycle_role)
    error_message = "Give make or none."
  }
}

variable "write_parameters" {
  type        = bool
  default     = false
  nullable    = false
  description = "Whether the building side writes the ids of the copies to parameters here."
}

variable "verifier_arns" {
  type        = list(string)
  default     = []
  nullable    = false
  description = "Roles of the building account that may check with goldsmith verify whether its images can be used here; with <stack>-ReconcileRole-* goldsmith asks before it publishes; if empty, nobody may."

  validation {
    condition = alltrue([
      for arn in var.verifier_arns :
      can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/([A-Za-z0-9+=.@_-]+/)*[A-Za-z0-9+=.@_-]+(_[*]|-ReconcileRole-[*])?$", arn))
    ])
    error_message = "Give ARNs of roles; one of identity center may end in _*, and the function's in -ReconcileRole-*."
  }
}

variable "verify_subnet_ids" {
  type        = list(string)
  default     = []
  nullable    = false
  description = "Where those roles may try launches. No policy can demand a dry run, so they could also start an instance there; if empty, they only look."

  validation {
    condition     = alltrue([for id in var.verify_subnet_ids : can(regex("^subnet-[0-9a-f]{8,17}$", id))])
    error_message = "Give ids of subnets."
  }
}

variable "verify_instance_types" {
  type        = list(string)
  default     = ["t3.micro", "t4g.micro"]
  nullable    = false
  description = "The instance types that those roles may try; the first of the building side's documents is tried."

  validation {
    condition = length(var.verify_instance_types) > 0 && alltrue([
      for each in var.verify_instance_types : can(regex("^[a-z0-9-]+[.][a-z0-9-]+$", each))
    ])
    error_message = "Give one instance type or more."
  }
}
