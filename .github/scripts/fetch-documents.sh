#!/usr/bin/env bash
# Fetches the documents of another repository at a ref.
#
#   fetch-documents.sh TARGET
#
# Reads PIPELINE_CONFIG_URL (https, or `none`: nothing is fetched), PIPELINE_CONFIG_REF (a branch, a
# tag or a whole commit; the default branch if empty), CONFIG_DIRECTORY (inside it), and CONFIG_TOKEN
# for a private repository. Tells later steps `directory` and `commit`; neither when it is disabled.
set -euo pipefail

target=$1
url=${PIPELINE_CONFIG_URL:-none}
ref=${PIPELINE_CONFIG_REF:-HEAD}

fail() {
  echo "::error::$1" >&2
  exit 1
}

if [[ $url == none ]]; then
  echo "PIPELINE_CONFIG_URL is none: no documents are fetched or uploaded"
  exit 0
fi
# Without a user in it: what is in a URL ends in logs.
[[ $url =~ ^https://[A-Za-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9._~/-]+$ ]] ||
  fail "PIPELINE_CONFIG_URL: expected an https URL of a Git repository, without user, query or fragment, or none"
{ [[ $ref != -* ]] && git check-ref-format --allow-onelevel "$ref"; } ||
  fail "PIPELINE_CONFIG_REF: expected a branch, a tag or a whole commit"
[[ $CONFIG_DIRECTORY =~ ^[A-Za-z0-9_][A-Za-z0-9._/-]*$ && /$CONFIG_DIRECTORY/ != */../* ]] ||
  fail "the directory of the documents must be a path inside the repository"

if [[ -n ${CONFIG_TOKEN:-} ]]; then
  basic=$(printf 'x-access-token:%s' "$CONFIG_TOKEN" | base64 -w 0)
  echo "::add-mask::$basic"
  # By environment: an argument would show in the list of processes. Only this host gets it.
  host=$(cut -d / -f 1-3 <<<"$url")
  export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$host/.extraheader" GIT_CONFIG_VALUE_0="Authorization: Basic $basic"
fi
export GIT_ALLOW_PROTOCOL=${GIT_ALLOW_PROTOCOL:-https} GIT_TERMINAL_PROMPT=0

git init --quiet "$target"
git -C "$target" fetch --quiet --depth 1 --no-tags "$url" "$ref" || fail "$url has no $ref that can be read"
# A link could lead out of the repository, to what else is on this machine: it becomes a text file.
git -C "$target" -c core.symlinks=false checkout --quiet --detach FETCH_HEAD
commit=$(git -C "$target" rev-parse HEAD)

directory=$target/$CONFIG_DIRECTORY
[[ -d $directory ]] || fail "$url has no directory $CONFIG_DIRECTORY at $ref"
{
  echo "directory=$directory"
  echo "commit=$commit"
} >>"$GITHUB_OUTPUT"
echo "documents of $url at $commit"
