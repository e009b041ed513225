#!/usr/bin/env bash
# Uploads the documents of one environment, and waits for what reconcile reports of them.
#
#   apply.sh ENVIRONMENT DIRECTORY COMMIT
#
# Ends with the exit code of `goldsmith apply`: 3 if something is refused or failed. The report is in
# the log and in the summary of the run.
set -euo pipefail

environment=$1
directory=$2
commit=$3

if [[ ! -d $directory ]]; then
  echo "::warning::$directory is gone: nothing is uploaded, and what was made of it stays"
  exit 0
fi

# Goes into the metadata of each object, beside the commit.
export BUILD_URL=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID
report=$(mktemp)
code=0
goldsmith apply "$directory" --against "goldsmith-$environment" --yes --commit "$commit" >"$report" || code=$?
cat "$report"
{
  echo "### $environment at ${commit:0:12}"
  echo
  # Indented, so that no text of a document is Markdown.
  sed 's/^/    /' "$report"
} >>"$GITHUB_STEP_SUMMARY"

case $code in
  0) ;;
  3) echo "::error::something is refused or failed in $environment: the report says what" >&2 ;;
  *) echo "::error::the documents of $environment were not applied (exit code $code)" >&2 ;;
esac
exit "$code"
