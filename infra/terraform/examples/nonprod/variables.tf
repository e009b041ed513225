# terraform.tfvars gives them. The module checks them.

variable "account" {
  type        = string
  description = "The account that builds the images: twelve digits."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account))
    error_message = "Give the twelve digits of an account."
  }
}

variable "region" {
  type        = string
  description = "The Region that the images are built in."
}

variable "zip" {
  type        = string
  default     = null
  description = "The path of functions.zip of a release; by default what `make zips` makes."
}

variable "log_retention_days" {
  type        = number
  default     = 90
  description = "How long the functions' logs are kept, in days."
}

variable "parameter_prefix" {
  type        = string
  default     = "/goldsmith/"
  description = "The path of the parameters that documents may name."
}

variable "uploader_arns" {
  type        = list(string)
  default     = []
  description = "Who uploads documents, and nobody else."
}

variable "existing" {
  type = object({
    document_bucket = optional(string)
    output_bucket   = optional(string)
    key_arn         = optional(string)
    signing_key_arn = optional(string)
  })
  default     = {}
  nullable    = false
  description = "What an earlier stack left, and this one takes over (docs/recovery.md)."
}
