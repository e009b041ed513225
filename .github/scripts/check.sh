#!/usr/bin/env bash
# Checks the documents of each named environment, with annotations at the lines of the pull request.
#
#   check.sh ENVIRONMENT...
#
# Ends with 1 if any has a problem, after all were checked.
set -euo pipefail

worst=0
for environment in "$@"; do
  echo "checking ami-versions/$environment"
  goldsmith check "ami-versions/$environment" --format github || worst=1
done
exit "$worst"
