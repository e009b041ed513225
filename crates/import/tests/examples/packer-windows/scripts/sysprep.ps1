& "$env:ProgramFiles\Amazon\EC2Launch\EC2Launch.exe" sysprep
