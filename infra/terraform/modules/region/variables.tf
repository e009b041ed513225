variable "environment" {
  type        = string
  default     = "nonprod"
  nullable    = false
  description = "The environment, as environment.json names it."

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "Give two to twelve lower case letters and digits, a letter first."
  }
}

variable "primary_key_arn" {
  type        = string
  default     = null
  description = "A multi-Region key of this account, whose replica the key becomes. If it is null, the key is one of its own, which is enough: a copy is encrypted anew in each Region."

  validation {
    condition     = var.primary_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/mrk-[0-9a-f]{32}$", var.primary_key_arn))
    error_message = "Give the ARN of a multi-Region key, key/mrk-..."
  }
}
