"""A tag becomes a release: with doubles of what builds, so that only the workflow's own steps are judged."""

import hashlib
import unittest

from world import Case

# Each writes down that it ran; cargo and make leave what they would build.
BUILDERS = {
    "sudo": "", "rustup": "",
    "cargo": """for each; do [[ $each == x86_64-* ]] && target=$each; done
        built=target/$target/release && mkdir -p $built
        case ${!#} in
            goldsmith-cli) echo binary >$built/goldsmith ;;
            *) echo emulator >$built/${!#} ;;
        esac""",
    "make": """case $1 in
        package) mkdir -p target/package/1.2.3 && for one in x86_64 arm64; do
            for kind in zip cdx.json; do echo $one $kind >target/package/1.2.3/functions-$one.$kind; done
        done ;;
        wheel-of) mkdir -p target/wheel && cat "${2#BINARY=}" >"target/wheel/$WHEEL" ;;
        esac""",
}
WHEEL = "imagebuilder_emulator-1.2.3-py3-none-manylinux_2_17_x86_64.musllinux_1_1_x86_64.whl"
ASSETS = ["goldsmith-x86_64-linux", "functions.zip", "functions.cdx.json", "functions-arm64.zip",
          "functions-arm64.cdx.json", "imagebuilder-emulator-x86_64-linux", WHEEL]


class Release(Case):
    def release(self, tag, private=False):
        for name, does in BUILDERS.items():
            file = self.world.directory / "bin" / name
            file.write_text(f'#!/usr/bin/env bash\nWHEEL={WHEEL}\necho "ran: {name} $*"\n{does}\n')
            file.chmod(0o755)
        (self.world.clone / "Cargo.toml").write_text('[workspace.package]\nversion = "1.2.3"\n\n[other]\nversion = "9"\n')
        sha = self.world.push({})
        event = {"repository": {"private": private}}
        return self.world.run("release.yml", event_name="push", event=event, sha=sha,
                              ref=f"refs/tags/{tag}", ref_name=tag)

    def published(self):
        return [call for call in self.world.seen()["calls"] if call[:2] == ["release", "create"]]

    def test_a_tag_is_built_attested_and_published_with_its_checksums(self):
        run = self.release("v1.2.3")
        self.assertEqual(run.results, {"build": "success", "publish": "success"}, run.log)
        self.assertIn("ran: cargo build --locked --release --target x86_64-unknown-linux-musl -p goldsmith-cli", run.log)
        self.assertEqual(run.attested, ["release/SHA256SUMS"])
        (call,) = self.published()
        self.assertEqual(call[2:6], ["v1.2.3", "--repo", "octo/goldsmith", "--verify-tag"])
        self.assertEqual({each for each in call if each.startswith("release/")},
                         {f"release/{name}" for name in [*ASSETS, "SHA256SUMS"]})
        sums = (run.directory / "publish-0" / "workspace" / "release" / "SHA256SUMS").read_text()
        self.assertIn(f"{hashlib.sha256(b'binary' + bytes([10])).hexdigest()}  {ASSETS[0]}\n", sums)
        self.assertIn(f"{hashlib.sha256(b'emulator' + bytes([10])).hexdigest()}  {WHEEL}\n", sums)
        self.assertIn(f"{hashlib.sha256(b'x86_64 zip' + bytes([10])).hexdigest()}  functions.zip\n", sums)
        self.assertEqual([line.split()[1] for line in sums.splitlines()], ASSETS)

    def test_a_tag_that_is_not_the_version_builds_nothing(self):
        run = self.release("v1.2.4")
        self.assertEqual(run.results, {"build": "failure", "publish": "skipped"})
        self.assertIn("the tag is v1.2.4, but Cargo.toml says version 1.2.3", run.log)
        self.assertNotIn("ran: cargo", run.log)
        self.assertEqual(self.published(), [])

    def test_a_private_repository_releases_without_an_attestation(self):
        run = self.release("v1.2.3", private=True)
        self.assertEqual((run.results["publish"], run.attested), ("success", []), run.log)


if __name__ == "__main__":
    unittest.main()
