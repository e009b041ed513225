#!/usr/bin/env bash
# Puts the released goldsmith on PATH, after proving where it comes from.
#
#   install-goldsmith.sh DIRECTORY
#
# .github/goldsmith.release pins the release: its tag, its commit and the SHA-256 of the binary. The binary
# must be that one, and GitHub must attest that release.yml of this repository built it from that commit. A
# private repository may have no attestations; there the pinned SHA-256 alone decides.
#
# Reads REPOSITORY, which released it, and GH_TOKEN.
set -euo pipefail

directory=$1
asset=goldsmith-x86_64-linux
release=${RELEASE_FILE:-$(dirname "$0")/../goldsmith.release}

fail() {
  echo "::error::$1" >&2
  exit 1
}

mapfile -t lines < <(grep -vE '^[[:space:]]*(#|$)' "$release")
[[ ${#lines[@]} -eq 1 ]] || fail "$release: expected one line that names a release, found ${#lines[@]}"
read -r tag commit pinned more <<<"${lines[0]}"
[[ $tag =~ ^v[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "$release: expected a tag such as v1.2.3 first"
[[ $commit =~ ^[0-9a-f]{40}$ && $pinned =~ ^[0-9a-f]{64}$ && -z $more ]] ||
  fail "$release: expected after the tag its commit, 40 hexadecimal digits, and the SHA-256 of $asset, 64 of them: run .github/scripts/pin-release.sh $tag"

download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
gh release download "$tag" --repo "$REPOSITORY" --pattern "$asset" --dir "$download" ||
  fail "no $asset in release $tag of $REPOSITORY: push the tag, or name another release in .github/goldsmith.release"

echo "$pinned  $download/$asset" | sha256sum --check --strict --quiet ||
  fail "$asset of $tag is not what .github/goldsmith.release pins: it was replaced, or the pin is of another release"

# Only what says that it is private goes without: an answer that fails does not.
if [[ $(gh api "repos/$REPOSITORY" --jq .private || true) != true ]]; then
  gh attestation verify "$download/$asset" --repo "$REPOSITORY" --source-ref "refs/tags/$tag" --source-digest "$commit" \
    --signer-workflow "$REPOSITORY/.github/workflows/release.yml" --deny-self-hosted-runners ||
    fail "nothing attests that release.yml of $REPOSITORY built $asset from $commit at $tag: the tag was moved, or the pin names another commit"
fi

mkdir -p "$directory"
install -m 0755 "$download/$asset" "$directory/goldsmith"
echo "$directory" >>"$GITHUB_PATH"
echo "goldsmith $tag of $REPOSITORY is in $directory"
