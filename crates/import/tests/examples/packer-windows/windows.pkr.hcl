variable "winrm_password" {
  default = "SuperS3cret!"
}

source "amazon-ebs" "iis" {
  region         = "us-gov-west-1"
  source_ami     = "ami-0123456789abcdef0"
  instance_type  = "m6i.xlarge"
  communicator   = "winrm"
  winrm_username = "Administrator"
  winrm_password = var.winrm_password
  user_data_file = "bootstrap.ps1"
  ami_name       = "iis"
  ami_groups     = ["all"]
}

build {
  sources = ["amazon-ebs.iis"]

  provisioner "powershell" {
    elevated_user     = "Administrator"
    elevated_password = var.winrm_password
    environment_vars  = ["SITE=it's"]
    inline            = ["Install-WindowsFeature Web-Server", "Write-Host $env:SITE"]
  }

  provisioner "windows-restart" {
    restart_timeout = "15m"
  }

  provisioner "file" {
    source      = "scripts/site.config"
    destination = "C:\\site\\site.config"
  }

  provisioner "powershell" {
    scripts = ["scripts/folder.ps1", "scripts/format.ps1", "scripts/sysprep.ps1"]
  }

  provisioner "windows-update" {}
}
