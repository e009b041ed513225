#!/usr/bin/env bash
# Says what is missing before a role is asked for: an error of OIDC would not.
#
# Reads ENVIRONMENT, the GitHub environment, and its variables AWS_ROLE and AWS_REGION.
set -euo pipefail

if [[ -z ${AWS_ROLE:-} || -z ${AWS_REGION:-} ]]; then
  echo "::error::the GitHub environment $ENVIRONMENT has no variable AWS_ROLE or AWS_REGION: deploy infra/github-oidc.yaml and set them" >&2
  exit 1
fi
