New-Item C:\site -ItemType Directory -Force
