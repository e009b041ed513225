# The same inputs, with the same constraints, as the parameters of infra/template.yaml, and a few that only
# Terraform needs. RE2 knows no lookahead, so one pattern there can be two conditions here.

variable "environment" {
  type        = string
  default     = "nonprod"
  nullable    = false
  description = "The environment, as environment.json names it."

  # Twelve characters at most: a bucket name holds 63, and the account and the Region are in it.
  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "Give two to twelve lower case letters and digits, a letter first."
  }
}

variable "zip" {
  type        = string
  default     = null
  description = "The path of the functions' zip: functions.zip of a release, or by default what `make zips` makes."
}

variable "log_retention_days" {
  type        = number
  default     = 90
  nullable    = false
  description = "How long the functions' logs are kept, in days."

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827], var.log_retention_days,
    )
    error_message = "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096 or 1827 days."
  }
}

variable "architecture" {
  type        = string
  default     = "x86_64"
  nullable    = false
  description = "The processor that the functions' zip was built for."

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "Give x86_64 or arm64."
  }
}

variable "log_level" {
  type        = string
  default     = "INFO"
  nullable    = false
  description = "The least that the functions log. DEBUG has every input of every planned call. Without INFO a run's report is in the output bucket alone."

  validation {
    condition     = contains(["DEBUG", "INFO", "WARN", "ERROR"], var.log_level)
    error_message = "Give DEBUG, INFO, WARN or ERROR."
  }
}

variable "max_days_without_build" {
  type        = number
  default     = 35
  nullable    = false
  description = "How many days a recipe of the schedule may go without a good build before an alarm fires; more than a period of your schedule."

  validation {
    condition     = var.max_days_without_build >= 1 && var.max_days_without_build <= 3650 && floor(var.max_days_without_build) == var.max_days_without_build
    error_message = "Give a whole number of days from 1 to 3650."
  }
}

variable "parameter_prefix" {
  type        = string
  default     = "/goldsmith/"
  nullable    = false
  description = "Documents may name parameters below it, and Amazon's below /aws/service/, and no others."

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

variable "instance_role_arns" {
  type        = list(string)
  default     = []
  nullable    = false
  description = "Roles of instance profiles that documents may name as instance-profile, beside the stack's own. Whatever such a role may do, each component of a build may do."

  validation {
    condition     = alltrue([for arn in var.instance_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}$", arn))])
    error_message = "Give ARNs of roles, such as arn:aws:iam::111122223333:role/builders."
  }
}

variable "uploader_arns" {
  type        = list(string)
  default     = []
  nullable    = false
  description = "Who uploads documents, such as the output UploadRole of infra/github-oidc.yaml, and nobody else. If it is empty, whoever the account's policies allow; the documents decide who may use the keys."

  # A wildcard may end the name of a role that IAM Identity Center makes; it never stands for every role.
  validation {
    condition = alltrue([
      for arn in var.uploader_arns :
      can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=.@_/-]{3,}[*]?$", arn))
    ])
    error_message = "Give ARNs of roles or users; only their end may be a wildcard."
  }
}

# ---------------------------------------------------------------------------- what is there already

variable "existing_document_bucket" {
  type        = string
  default     = null
  description = "A bucket of this account that already holds the documents; made if null. Terraform then sets its notifications."

  validation {
    condition     = var.existing_document_bucket == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.existing_document_bucket))
    error_message = "Give the name of a bucket, not an ARN or a URL."
  }
}

variable "existing_output_bucket" {
  type        = string
  default     = null
  description = "A bucket of this account that already holds what is published; made if null."

  validation {
    condition     = var.existing_output_bucket == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.existing_output_bucket))
    error_message = "Give the name of a bucket, not an ARN or a URL."
  }
}

variable "existing_key_arn" {
  type        = string
  default     = null
  description = "A key of this account and Region that already encrypts images; made if null."

  validation {
    condition     = var.existing_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f-]{36})$", var.existing_key_arn))
    error_message = "Give the ARN of a key, not of an alias."
  }
}

variable "existing_signing_key_arn" {
  type        = string
  default     = null
  description = "A key of this account and Region that already signs what is published; made if null."

  validation {
    condition     = var.existing_signing_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f-]{36})$", var.existing_signing_key_arn))
    error_message = "Give the ARN of a key, not of an alias."
  }
}

variable "existing_topic_arn" {
  type        = string
  default     = null
  description = "A topic of this account and Region that notifies people; made, with a key of its own, if null. Its policy must let CloudWatch's alarms and the functions' roles publish."

  validation {
    condition     = var.existing_topic_arn == null || can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.existing_topic_arn))
    error_message = "Give the ARN of a standard topic."
  }
}

variable "existing_topic_key_arn" {
  type        = string
  default     = null
  description = "The customer managed key that encrypts the existing topic; null if none does."

  validation {
    condition     = var.existing_topic_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f-]{36})$", var.existing_topic_key_arn))
    error_message = "Give the ARN of a key, not of an alias."
  }

  validation {
    condition     = var.existing_topic_key_arn == null || var.existing_topic_arn != null
    error_message = "The topic that this module makes has a key of its own: give existing_topic_arn too."
  }
}

variable "existing_instance_profile" {
  type        = string
  default     = null
  description = "The name of an instance profile that build instances run with; made if null. What its role may do, a document may do."

  validation {
    condition     = var.existing_instance_profile == null || can(regex("^[A-Za-z0-9+=,.@_-]{1,128}$", var.existing_instance_profile))
    error_message = "Give the name of an instance profile, not its ARN."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  default     = null
  description = "A managed policy that bounds every role of this module; made if null."

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", var.permissions_boundary_arn))
    error_message = "Give the ARN of a managed policy."
  }
}
