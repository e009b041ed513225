Write-Host ("{{0}}" -f 1)
