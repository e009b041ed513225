#!/usr/bin/env bash
# Puts the released goldsmith on PATH, after proving where it comes from.
#
#   install-goldsmith.sh DIRECTORY
#
# .github/goldsmith.release names the release by its tag and may pin the SHA-256 of the binary. The
# binary must have the checksum that the release tells; and the pinned one, or, if none is pinned, an
# attestation that release.yml of this repository built it from that tag.
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

read -r tag pinned _ < <(grep -v '^#' "$release") || fail "$release names no release"
[[ $tag =~ ^v[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "$release: expected a tag such as v1.2.3"
[[ -z $pinned || $pinned =~ ^[0-9a-f]{64}$ ]] || fail "$release: expected a SHA-256 after the tag, 64 hexadecimal digits"

download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
gh release download "$tag" --repo "$REPOSITORY" --pattern "$asset" --pattern SHA256SUMS --dir "$download" ||
  fail "no $asset and SHA256SUMS in release $tag of $REPOSITORY: push the tag, or name another release in .github/goldsmith.release"

(
  cd "$download"
  # Exactly our line: a list may name other files, and sha256sum would look for them.
  grep -xE "[0-9a-f]{64}  $asset" SHA256SUMS >expected || fail "SHA256SUMS of $tag does not list $asset"
  [[ $(wc -l <expected) -eq 1 ]] || fail "SHA256SUMS of $tag lists $asset twice"
  sha256sum --check --strict --quiet expected || fail "$asset of $tag is not what SHA256SUMS says"
)
if [[ -n $pinned ]]; then
  echo "$pinned  $download/$asset" | sha256sum --check --strict --quiet ||
    fail "$asset of $tag is not what .github/goldsmith.release pins"
else
  gh attestation verify "$download/$asset" --repo "$REPOSITORY" --source-ref "refs/tags/$tag" \
    --signer-workflow "$REPOSITORY/.github/workflows/release.yml" ||
    fail "nothing attests that release.yml of $REPOSITORY built $asset from $tag: in a private repository without attestations, pin its SHA-256 in .github/goldsmith.release"
fi

mkdir -p "$directory"
install -m 0755 "$download/$asset" "$directory/goldsmith"
echo "$directory" >>"$GITHUB_PATH"
echo "goldsmith $tag of $REPOSITORY is in $directory"
