# One of each of the provider's resources of EC2 Image Builder, and their data sources.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" {
  type = string
}

# Changed by the test, to see changes in place.
variable "note" {
  type    = string
  default = "first"
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "111122223333"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  endpoints {
    imagebuilder = var.endpoint
    ec2          = var.endpoint
  }
}

resource "aws_imagebuilder_component" "hardening" {
  name     = "hardening"
  platform = "Linux"
  version  = "1.0.0"
  tags     = { note = var.note }

  data = yamlencode({
    schemaVersion = "1.0"
    parameters    = [{ Level = { type = "string", default = "High" } }]
    phases = [{
      name  = "build"
      steps = [{ name = "Harden", action = "ExecuteBash", inputs = { commands = ["echo {{ Level }}"] } }]
    }]
  })
}

resource "aws_imagebuilder_image_recipe" "web" {
  name         = "web"
  parent_image = "ami-08bd941ae380bd3cd"
  version      = "1.0.0"
  tags         = { note = var.note }

  block_device_mapping {
    device_name = "/dev/xvda"
    ebs {
      encrypted   = true
      kms_key_id  = "alias/golden"
      volume_size = 20
      volume_type = "gp3"
    }
  }

  component {
    component_arn = aws_imagebuilder_component.hardening.arn
    parameter {
      name  = "Level"
      value = "Low"
    }
  }

  component {
    component_arn = "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x"
  }
}

resource "aws_imagebuilder_infrastructure_configuration" "builder" {
  name                  = "builder"
  description           = var.note
  instance_profile_name = "builder"
  instance_types        = ["t3.large", "t3.xlarge"]
  resource_tags         = { note = var.note }
  tags                  = { note = var.note }

  instance_metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  logging {
    s3_logs {
      s3_bucket_name = "logs"
      s3_key_prefix  = "builds"
    }
  }
}

resource "aws_imagebuilder_distribution_configuration" "consumers" {
  name        = "consumers"
  description = var.note

  distribution {
    region = "us-east-1"
    ami_distribution_configuration {
      name     = "web {{ imagebuilder:buildDate }}"
      ami_tags = { note = var.note }
      launch_permission {
        user_ids = ["222222222222"]
      }
    }
  }

  distribution {
    region = "eu-west-1"
    ami_distribution_configuration {
      name               = "web {{ imagebuilder:buildDate }}"
      target_account_ids = ["222222222222"]
    }
  }
}

resource "aws_imagebuilder_workflow" "test" {
  name    = "hold"
  version = "1.0.0"
  type    = "TEST"
  tags    = { note = var.note }

  data = yamlencode({
    name          = "hold"
    schemaVersion = "1.0"
    steps = [
      {
        name      = "LaunchTestInstance"
        action    = "LaunchInstance"
        onFailure = "Abort"
        inputs    = { waitFor = "ssmAgent" }
      },
      {
        name      = "TerminateTestInstance"
        action    = "TerminateInstance"
        onFailure = "Continue"
        inputs    = { "instanceId.$" = "$.stepOutputs.LaunchTestInstance.instanceId" }
      },
    ]
  })
}

resource "aws_imagebuilder_image_pipeline" "web" {
  name                             = "web"
  description                      = var.note
  image_recipe_arn                 = aws_imagebuilder_image_recipe.web.arn
  infrastructure_configuration_arn = aws_imagebuilder_infrastructure_configuration.builder.arn
  distribution_configuration_arn   = aws_imagebuilder_distribution_configuration.consumers.arn
  execution_role                   = "arn:aws:iam::111122223333:role/executor"

  # At the pace of the test midnight may come meanwhile, and with it a build that nobody destroys.
  status = "DISABLED"

  image_tests_configuration {
    image_tests_enabled = true
    timeout_minutes     = 60
  }

  schedule {
    schedule_expression                = "cron(0 0 * * ? *)"
    pipeline_execution_start_condition = "EXPRESSION_MATCH_ONLY"
    # No timezone: the provider's data source (5.100) fails on any pipeline that has one.
  }

  workflow {
    workflow_arn = "arn:aws:imagebuilder:us-east-1:aws:workflow/build/build-image/x.x.x"
  }

  workflow {
    workflow_arn = aws_imagebuilder_workflow.test.arn
  }
}

resource "aws_imagebuilder_image" "web" {
  image_recipe_arn                 = aws_imagebuilder_image_recipe.web.arn
  infrastructure_configuration_arn = aws_imagebuilder_infrastructure_configuration.builder.arn
  distribution_configuration_arn   = aws_imagebuilder_distribution_configuration.consumers.arn
  tags                             = { note = var.note }
}

resource "aws_imagebuilder_lifecycle_policy" "old" {
  name           = "old"
  description    = var.note
  execution_role = "arn:aws:iam::111122223333:role/executor"
  resource_type  = "AMI_IMAGE"

  policy_detail {
    action {
      type = "DELETE"
      include_resources {
        amis      = true
        snapshots = true
      }
    }
    filter {
      type            = "AGE"
      value           = 6
      unit            = "MONTHS"
      retain_at_least = 5
    }
    exclusion_rules {
      amis {
        is_public = false
        tag_map   = { keep = "yes" }
        last_launched {
          unit  = "MONTHS"
          value = 1
        }
      }
    }
  }

  resource_selection {
    recipe {
      name             = aws_imagebuilder_image_recipe.web.name
      semantic_version = aws_imagebuilder_image_recipe.web.version
    }
  }
}

data "aws_imagebuilder_component" "hardening" {
  arn = aws_imagebuilder_component.hardening.arn
}

data "aws_imagebuilder_components" "amazon" {
  owner = "Amazon"
}

data "aws_imagebuilder_image_recipe" "web" {
  arn = aws_imagebuilder_image_recipe.web.arn
}

data "aws_imagebuilder_image_recipes" "own" {
  owner      = "Self"
  depends_on = [aws_imagebuilder_image_recipe.web]
}

data "aws_imagebuilder_infrastructure_configuration" "builder" {
  arn = aws_imagebuilder_infrastructure_configuration.builder.arn
}

data "aws_imagebuilder_infrastructure_configurations" "own" {
  depends_on = [aws_imagebuilder_infrastructure_configuration.builder]
}

data "aws_imagebuilder_distribution_configuration" "consumers" {
  arn = aws_imagebuilder_distribution_configuration.consumers.arn
}

data "aws_imagebuilder_distribution_configurations" "own" {
  depends_on = [aws_imagebuilder_distribution_configuration.consumers]
}

data "aws_imagebuilder_image_pipeline" "web" {
  arn = aws_imagebuilder_image_pipeline.web.arn
}

data "aws_imagebuilder_image_pipelines" "own" {
  depends_on = [aws_imagebuilder_image_pipeline.web]
}

data "aws_imagebuilder_image" "web" {
  arn = aws_imagebuilder_image.web.arn
}

data "aws_ami" "web" {
  owners = ["self"]
  filter {
    name   = "image-id"
    values = [tolist(tolist(aws_imagebuilder_image.web.output_resources)[0].amis)[0].image]
  }
}

output "components_of_amazon" {
  value = length(data.aws_imagebuilder_components.amazon.arns)
}

output "recipes" {
  value = data.aws_imagebuilder_image_recipes.own.names
}

output "pipelines" {
  value = data.aws_imagebuilder_image_pipelines.own.names
}

output "image_version" {
  value = data.aws_imagebuilder_image.web.version
}

output "ami" {
  value = data.aws_ami.web.id
}
