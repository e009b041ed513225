#!/usr/bin/env bash
# Prints the line of .github/goldsmith.release that pins a release: its tag, its commit and its SHA-256.
#
#   pin-release.sh TAG
#
# Look at the commit before you propose the line: whoever may push a tag chose it. Reads REPOSITORY
# (OWNER/NAME; by default the one that gh finds in this directory).
set -euo pipefail

tag=$1
asset=goldsmith-x86_64-linux
repository=${REPOSITORY:-$(gh repo view --json nameWithOwner --jq .nameWithOwner)}

download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
# The commit, whatever kind of tag it is.
commit=$(gh api "repos/$repository/commits/$tag" --jq .sha)
branch=$(gh api "repos/$repository" --jq .default_branch)
compared=$(gh api "repos/$repository/compare/$branch...$commit" --jq .status)
if [[ $compared != behind && $compared != identical ]]; then
  echo "$tag is $commit, which is not on $branch ($compared): nobody has reviewed it" >&2
  exit 1
fi
gh release download "$tag" --repo "$repository" --pattern "$asset" --dir "$download"
digest=$(sha256sum "$download/$asset")
echo "$tag $commit ${digest%% *}"
