# The modules that use this one have checked them.

variable "partition" {
  type        = string
  description = "The partition, such as aws."
}

variable "region" {
  type        = string
  description = "The Region that instances build in."
}

variable "account" {
  type        = string
  description = "The account that instances build in."
}

variable "parameter_prefix" {
  type        = string
  description = "Instances may read this account's parameters below it, and no others."
}

variable "further_actions" {
  type        = list(string)
  default     = []
  description = "What further policies may let instances do."
}
