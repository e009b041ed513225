data "amazon-parameterstore" "al2023" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

source "amazon-ebs" "al2023" {
  region               = var.region
  source_ami           = data.amazon-parameterstore.al2023.value
  instance_type        = var.instance_types[0]
  ssh_username         = "ec2-user"
  ami_name             = "golden-al2023-${local.timestamp}"
  ami_users            = var.accounts
  tags                 = merge(local.tags, { Base = "al2023" })
  subnet_id            = var.subnet_id
  security_group_id    = "sg-0a1b2c3d4e5f60718"
  iam_instance_profile = "packer"

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }
}

source "amazon-ebs" "ubuntu" {
  region        = var.region
  instance_type = "m7i.large"
  ssh_username  = "ubuntu"
  ami_name      = "golden-ubuntu-${local.timestamp}"
  ami_users     = concat(var.accounts, ["444444444444"])
  tags          = local.tags

  source_ami_filter {
    filters = {
      name                = "ubuntu/images/*ubuntu-jammy-22.04-amd64-server-*"
      root-device-type    = "ebs"
      virtualization-type = "hvm"
    }
    most_recent = true
    owners      = ["099720109477"]
  }

  launch_block_device_mappings {
    device_name = "/dev/sda1"
    volume_size = 50
    volume_type = "gp3"
  }
}
