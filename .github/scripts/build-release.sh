#!/usr/bin/env bash
# Builds what a release has: the command line, the zip that all functions share, and their checksums.
#
#   build-release.sh TAG DIRECTORY
#
# TAG must be `v` and the version of the workspace. The command line is linked statically, with musl,
# so that it runs on any x86_64 Linux whatever its C library.
set -euo pipefail

tag=$1
directory=$2
target=x86_64-unknown-linux-musl

version=$(sed -n '/^\[workspace.package\]/,/^\[/ s/^version = "\(.*\)"$/\1/p' Cargo.toml)
if [[ $tag != "v$version" ]]; then
  echo "::error::the tag is $tag, but Cargo.toml says version $version" >&2
  exit 1
fi

# Alone: cargo unifies features over what it builds together.
cargo build --locked --release --target "$target" -p goldsmith-cli
make zips

mkdir -p "$directory"
install -m 0755 "target/$target/release/goldsmith" "$directory/goldsmith-x86_64-linux"
cp target/lambda/bootstrap/bootstrap.zip "$directory/functions.zip"
cd "$directory"
sha256sum goldsmith-x86_64-linux functions.zip >SHA256SUMS
cat SHA256SUMS
