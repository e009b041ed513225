packer {
  required_plugins {
    amazon = {
      version = ">= 1.3.0"
      source  = "github.com/hashicorp/amazon"
    }
  }
}

build {
  name    = "base"
  sources = ["source.amazon-ebs.al2023", "source.amazon-ebs.ubuntu"]

  provisioner "shell" {
    only   = ["amazon-ebs.ubuntu"]
    inline = ["cloud-init status --wait", "sudo apt-get update"]
  }

  provisioner "file" {
    source      = "files/"
    destination = "/tmp/files"
  }

  provisioner "shell" {
    env = {
      ENVIRONMENT = var.environment
      API_TOKEN   = var.api_token
    }
    script  = "${path.root}/scripts/setup.sh"
    timeout = "10m"
  }

  provisioner "shell" {
    inline = [
      "echo ${local.owner} | sudo tee /etc/owner",
      <<-EOT
        cat <<'CONF' | sudo tee /etc/app.conf
        format = "{{.Name}}"
        CONF
      EOT
    ]
  }

  provisioner "ansible" {
    playbook_file   = "./playbook.yml"
    extra_arguments = ["--extra-vars", "environment=${var.environment}"]
    user            = "ec2-user"
    only            = ["amazon-ebs.al2023"]
  }

  post-processor "manifest" {}
}
