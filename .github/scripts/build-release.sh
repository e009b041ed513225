#!/usr/bin/env bash
# Builds what a release has: the command line, the zips that all functions share with their bills of materials, the
# emulator as a binary and as a Python package, and their checksums.
#
#   build-release.sh TAG DIRECTORY
#
# TAG must be `v` and the version of the workspace. Both commands are linked statically, with musl,
# so that they run on any x86_64 Linux whatever its C library.
set -euo pipefail

tag=$1
directory=$2
target=x86_64-unknown-linux-musl

version=$(sed -n '/^\[workspace.package\]/,/^\[/ s/^version = "\(.*\)"$/\1/p' Cargo.toml)
if [[ $tag != "v$version" ]]; then
  echo "::error::the tag is $tag, but Cargo.toml says version $version" >&2
  exit 1
fi

# What `goldsmith version` and the reports say of themselves.
GOLDSMITH_COMMIT=$(git rev-parse --verify HEAD)
export GOLDSMITH_COMMIT

# Alone: cargo unifies features over what it builds together.
cargo build --locked --release --target "$target" -p goldsmith-cli
cargo build --locked --release --target "$target" -p imagebuilder-emulator
make package

mkdir -p "$directory"
install -m 0755 "target/$target/release/goldsmith" "$directory/goldsmith-x86_64-linux"
# The zip without a processor in its name is the one that stacks run unless they say otherwise.
cp "target/package/$version/functions-x86_64.zip" "$directory/functions.zip"
cp "target/package/$version/functions-x86_64.cdx.json" "$directory/functions.cdx.json"
cp "target/package/$version/"functions-arm64.{zip,cdx.json} "$directory/"
install -m 0755 "target/$target/release/imagebuilder-emulator" "$directory/imagebuilder-emulator-x86_64-linux"
# A static binary runs beside either C library.
rm -rf target/wheel
make wheel-of BINARY="$PWD/$directory/imagebuilder-emulator-x86_64-linux" \
  PLATFORM=manylinux_2_17_x86_64.musllinux_1_1_x86_64
wheel=$(cd target/wheel && echo imagebuilder_emulator-*.whl)
cp "target/wheel/$wheel" "$directory/"
cd "$directory"
sha256sum goldsmith-x86_64-linux functions.zip functions.cdx.json functions-arm64.zip functions-arm64.cdx.json \
  imagebuilder-emulator-x86_64-linux "$wheel" >SHA256SUMS
cat SHA256SUMS
