"""That infra/package.py makes the same bytes of the same binaries, and that its bills list what is linked.

What builds the binaries takes minutes and is compared by night: `make reproducible`. Run this with any Python 3.11:
`make template` does.
"""

import copy
import hashlib
import json
import os
import pathlib
import sys
import tempfile
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "infra"))
sys.dont_write_bytecode = True

import package  # noqa: E402

OWN = "path+file:///somewhere/functions/bootstrap#0.1.0"
SERDE, RING = ("registry+https://github.com/rust-lang/crates.io-index#" + each for each in ("serde@1.0.2", "ring@0.17.0"))
# What cargo-cyclonedx says of a program that needs serde, in a workspace of which another member needs ring.
BILL = {
    "bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": "urn:uuid:1",
    "metadata": {
        "timestamp": "2026-01-01T00:00:00Z",
        "component": {"bom-ref": OWN, "name": "bootstrap", "version": "0.1.0", "type": "application"},
    },
    "components": [
        {"bom-ref": SERDE, "name": "serde", "version": "1.0.2"}, {"bom-ref": RING, "name": "ring", "version": "0.17.0"},
    ],
    "dependencies": [{"ref": OWN, "dependsOn": [SERDE, RING]}, {"ref": SERDE}, {"ref": RING}],
}


class Package(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.asked = []

    def made(self, name, modified=0, mode=0o644):
        """The files of a package of two binaries that were written at a time, with a mode."""
        binaries = {}
        for architecture in ("x86_64", "arm64"):
            binaries[architecture] = self.folder / name / architecture
            binaries[architecture].parent.mkdir(exist_ok=True)
            binaries[architecture].write_bytes(architecture.encode() * 1000)
            binaries[architecture].chmod(mode)
            os.utime(binaries[architecture], (modified, modified))
        package.package(self.folder / name / "made", binaries, self.bill_of)
        return {each.name: each.read_bytes() for each in (self.folder / name / "made").iterdir()}

    def bill_of(self, target):
        self.asked.append(target)
        return package.lasting(copy.deepcopy(BILL), "/somewhere")

    def test_neither_time_nor_mode_nor_folder_is_in_the_bytes(self):
        self.assertEqual(self.made("one"), self.made("two", modified=1_700_000_000, mode=0o700))
        self.assertEqual(self.asked, ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"] * 2)

    def test_lambda_can_start_what_is_in_a_zip(self):
        self.made("one")
        with zipfile.ZipFile(self.folder / "one" / "made" / "functions-arm64.zip") as archive:
            (entry,) = archive.infolist()
            self.assertEqual((entry.filename, entry.external_attr >> 16), ("bootstrap", 0o100755))
            self.assertEqual(archive.read(entry), b"arm64" * 1000)

    def test_a_zip_says_for_which_processor_it_was_built(self):
        binary, archive = self.folder / "binary", self.folder / "one.zip"
        for content, expected in (
            (b"\x7fELF" + bytes(14) + b"\x3e\0", "x86_64"), (b"\x7fELF" + bytes(14) + b"\xb7\0", "arm64"),
            (b"\x7fELF" + bytes(14) + b"\x28\0", None), (b"#!/bin/sh\n# more than twenty bytes\n", None), (b"", None),
        ):
            binary.write_bytes(content)
            package.zipped(binary, archive)
            self.assertEqual(package.built_for(archive), expected, content)

    def test_the_sums_are_of_every_file_and_each_bill_names_its_zip(self):
        files = self.made("one")
        sums = dict(line.split()[::-1] for line in files.pop("SHA256SUMS").decode().splitlines())
        self.assertEqual(sums, {name: hashlib.sha256(content).hexdigest() for name, content in files.items()})
        for architecture in ("x86_64", "arm64"):
            bill = json.loads(files[f"functions-{architecture}.cdx.json"])
            (of,) = bill["metadata"]["component"]["hashes"]
            self.assertEqual(of, {"alg": "SHA-256", "content": sums[f"functions-{architecture}.zip"]})

    def test_a_bill_names_no_folder_and_no_moment(self):
        bill = self.bill_of("any")
        self.assertEqual(bill["metadata"]["component"]["bom-ref"], "path+file://./functions/bootstrap#0.1.0")
        self.assertNotIn("serialNumber", bill)
        self.assertNotIn("timestamp", bill["metadata"])
        # Another folder whose name begins the same is another folder.
        self.assertEqual(package.lasting("/somewhere-else/x", "/somewhere"), "/somewhere-else/x")

    def test_a_bill_lists_what_is_linked_and_nothing_else(self):
        tree = "bootstrap v0.1.0 (/somewhere/functions/bootstrap)\nserde v1.0.2\nserde v1.0.2 (*)\n"
        bill = package.only(BILL, package.linked(tree))
        self.assertEqual([each["name"] for each in bill["components"]], ["serde"])
        self.assertEqual(bill["dependencies"], [{"ref": OWN, "dependsOn": [SERDE]}, {"ref": SERDE}])

    def test_a_bill_that_lacks_what_is_linked_is_none(self):
        with self.assertRaisesRegex(SystemExit, "itoa"):
            package.only(BILL, package.linked("bootstrap v0.1.0\nserde v1.0.2\nitoa v1.0.0\n"))


if __name__ == "__main__":
    unittest.main()
