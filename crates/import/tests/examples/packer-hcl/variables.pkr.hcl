variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "environment" {
  type = string
}

variable "instance_types" {
  type    = list(string)
  default = ["m6i.large", "m6a.large"]
}

variable "accounts" {
  type    = list(string)
  default = ["222222222222", "333333333333"]
}

variable "subnet_id" {
  type    = string
  default = null
}

variable "api_token" {
  type      = string
  sensitive = true
  default   = "t0ken"
}

locals {
  timestamp = regex_replace(timestamp(), "[- TZ:]", "")
  owner     = upper("ccoe")
  tags = {
    Owner     = local.owner
    BuildDate = local.timestamp
  }
  a = local.b
  b = "${local.a}!"
}
