#!/bin/sh
set -e
echo "$ENVIRONMENT" >/etc/environment-name
