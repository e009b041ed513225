#!/bin/bash
set -euo pipefail
dnf -y install "nginx-${NGINX_VERSION}*"
systemctl enable nginx
# Go's templates have double braces, which Image Builder would take for references.
cat >/etc/nginx/template <<'CONF'
{{ range .Servers }}server {{ .Name }};{{ end }}
CONF
