#!/bin/sh
# Puts goldsmith into a folder, if it is the binary that was pinned.
#
#   install-goldsmith.sh FOLDER
#
# Reads GOLDSMITH_URL, where a release of goldsmith has its binary, and GOLDSMITH_SHA256, what it must be.
set -eu

folder=$1
: "${GOLDSMITH_URL:?set it to the address of goldsmith-x86_64-linux in a release}"
: "${GOLDSMITH_SHA256:?set it to the SHA-256 of that file, 64 hexadecimal digits}"

mkdir -p "$folder"
curl -fsSL --retry 3 -o "$folder/goldsmith.download" "$GOLDSMITH_URL"
echo "$GOLDSMITH_SHA256  $folder/goldsmith.download" | sha256sum -c - >/dev/null || {
  rm -f "$folder/goldsmith.download"
  echo "what GOLDSMITH_URL has is not what GOLDSMITH_SHA256 says" >&2
  exit 1
}
chmod 0755 "$folder/goldsmith.download"
mv "$folder/goldsmith.download" "$folder/goldsmith"
