#!/usr/bin/env bash
# Plans one environment with the documents of a pull request, for its comment.
#
#   plan.sh ENVIRONMENT DOCUMENTS OUT
#
# DOCUMENTS holds ami-versions/ENVIRONMENT. Writes OUT/ENVIRONMENT/plan.md and OUT/ENVIRONMENT/exit,
# the exit code of `goldsmith plan`: 0 nothing to do, 2 changes, 3 something is refused, 1 error. Only
# the error fails this step: a refusal is an answer.
#
# Reads HEAD_SHA and GITHUB_STEP_SUMMARY, which gets the whole of the plan.
set -euo pipefail

environment=$1
documents=$2
out=$(realpath -m "$3")/$environment
mkdir -p "$out"
cd "$documents"

# Documents come from forks and their words may reach stderr: none of it is a command to the runner.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
code=0
goldsmith plan "ami-versions/$environment" --against "goldsmith-$environment" --format markdown \
  --summary "$GITHUB_STEP_SUMMARY" --commit "$HEAD_SHA" >"$out/plan.md" || code=$?
echo "::$token::"

echo "$code" >"$out/exit"
case $code in
  0) echo "nothing would change in $environment" ;;
  2) echo "$environment would change" ;;
  3) echo "::warning::something is refused in $environment" ;;
  *)
    echo "::error::the plan of $environment failed with exit code $code" >&2
    exit 1
    ;;
esac
