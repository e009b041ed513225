"""What a pull request hands over is made by its code: anything may be in it, and all of it is judged."""

import os
import pathlib
import stat
import sys
import tempfile
import unittest
import zipfile

from world import CHANGED, GOOD, ROOT, VERSIONS, Case, archive

sys.path.append(str(ROOT / ".github" / "scripts"))
import documents  # noqa: E402

NUMBER = ("pull-request", "7\n")
DOCUMENT = (f"ami-versions/{VERSIONS}", GOOD)


def link(name, target):
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return entry, target


class Judged(unittest.TestCase):
    """What the step calls, for every way an archive can be wrong that we could think of."""

    def refused(self, files, expected):
        with tempfile.TemporaryDirectory() as directory:
            file, target = pathlib.Path(directory, "x.zip"), pathlib.Path(directory, "documents")
            file.write_bytes(files if isinstance(files, bytes) else archive(files))
            with self.assertRaisesRegex(documents.Refused, expected):
                documents.unpack(file, target)
            self.assertFalse(target.exists(), "nothing is written before all is judged")

    def test_what_is_expected_is_unpacked(self):
        names = [
            "nonprod/ami-versions.json", "nonprod/environment.json", "prod/workload_accounts.us-gov-west-1.json",
            "prod/amis/workload-accounts.us-east-1.json", "prod/components/harden_2-x.yaml",
            "nonprod/vars.json", "nonprod/VERSION", "prod/workload_account.us-east-1.json", "prod/workload_accounts.json",
            "prod/audit/poam.yml", "nonprod/audit/aws.us-east-1.skip.yml", "nonprod/110304/audit/skip.yml",
        ]
        with tempfile.TemporaryDirectory() as directory:
            file, target = pathlib.Path(directory, "x.zip"), pathlib.Path(directory, "documents")
            file.write_bytes(archive([NUMBER, *((f"ami-versions/{name}", name) for name in names)]))
            self.assertEqual(documents.unpack(file, target), (7, ["nonprod", "prod"]))
            for name in names:
                self.assertEqual((target / "ami-versions" / name).read_text(), name)
            self.assertFalse((target / "pull-request").exists())

    def test_links(self):
        for name, target in ((DOCUMENT[0], "/proc/self/environ"), ("ami-versions/prod/components/a.yml", "../..")):
            self.refused([NUMBER, link(name, target)], "is no regular file")

    def test_paths_that_lead_out(self):
        for name in (
            "../pull-request", "ami-versions/../../x.json", "/etc/environment.json",
            "ami-versions/nonprod/../../../../bin/gh", "ami-versions/nonprod/components/../x.yml",
            "ami-versions\\nonprod\\environment.json", "ami-versions/../environment.json",
        ):
            with self.subTest(name):
                self.refused([NUMBER, (name, "{}")], "unexpected file")

    def test_files_that_are_not_expected(self):
        for name in (
            "run.sh", "ami-versions/nonprod/run.sh", "ami-versions/nonprod/x.json", "ami-versions/nonprod/",
            "ami-versions/NONPROD/environment.json", "ami-versions/nonprod/components/a/b.yml",
            "ami-versions/a\n::error::b/environment.json", ".github/scripts/plan.sh",
            "ami-versions/nonprod/environment.json\n", "pull-request/x", "ami-versions/nonprod-plan/environment.json",
            "ami-versions/nonprod/target/pipeline-config.json", "ami-versions/nonprod/components/vars.json",
            "ami-versions/nonprod/target/pipeline-config/amis/vars.json", "ami-versions/vars.json",
            "ami-versions/nonprod/audit/filter.yml", "ami-versions/nonprod/a/b/audit/poam.yml",
        ):
            with self.subTest(name):
                self.refused([NUMBER, DOCUMENT, (name, "{}")], "unexpected file")

    def test_sizes(self):
        large = ("ami-versions/nonprod/environment.json", " " * (256 * 1024 + 2))
        self.refused([NUMBER, large], "262146 bytes, more than")
        many = [(f"ami-versions/nonprod/components/c{number}.yml", " " * 262_000) for number in range(20)]
        self.refused([NUMBER, *many], "bytes in all")

    def test_counts(self):
        files = [(f"ami-versions/nonprod/components/c{number}.yml", "") for number in range(500)]
        self.refused([NUMBER, *files], "501 files, more than 500")
        environments = [(f"ami-versions/e{number}/environment.json", "{}") for number in range(21)]
        self.refused([NUMBER, *environments], "21 environments, more than 20")

    def test_a_size_that_lies(self):
        honest = archive([NUMBER, (DOCUMENT[0], " " * 5000)])
        # The size is told in the local header and in the central directory.
        self.refused(honest.replace((5000).to_bytes(4, "little"), (50).to_bytes(4, "little")), "")

    def test_a_file_that_is_there_twice(self):
        with self.assertWarns(UserWarning):
            twice = archive([NUMBER, ("pull-request", "8\n")])
        self.refused(twice, "twice")

    def test_numbers_that_are_none(self):
        for text in ("seven", "7; id", "7\n8\n", "-7", "07", "0", "", "7/../8", "\u0667", "9" * 11, "7\n\n"):
            with self.subTest(text):
                self.refused([("pull-request", text), DOCUMENT], "expected the number of a pull request")
        self.refused([DOCUMENT], "no file 'pull-request'")

    def test_what_is_no_archive(self):
        whole = archive([NUMBER, DOCUMENT])
        for text in (b"", b"#!/bin/sh\nid\n", whole[:-30], whole.replace(b"PK\x03\x04", b"PK\x03\x05")):
            self.refused(text, "no archive that can be read")


class Refused(Case):
    """The same as the workflow does it: nothing follows, and nobody is told a word of it."""

    def refused(self, files, expected):
        head, _ = self.world.open(7, {VERSIONS: CHANGED})
        self.world.leave(files if isinstance(files, bytes) else archive(files))
        run = self.world.plan(head)
        self.assertEqual(run.results, {"documents": "failure", "plan": "skipped", "comment": "skipped"}, run.log)
        self.assertIn(expected, run.log)
        self.assertEqual((run.roles, self.comments(), self.statuses()), ([], [], {}))

    def test_a_link(self):
        self.refused([NUMBER, link(DOCUMENT[0], "/proc/self/environ")], "is no regular file")

    def test_a_path_that_leads_out(self):
        self.refused([NUMBER, ("ami-versions/../../x.json", "{}")], "unexpected file 'ami-versions/../../x.json'")

    def test_a_name_that_would_be_a_command_to_the_runner(self):
        self.refused([NUMBER, ("x\n::add-path::/tmp", "")], "unexpected file 'x\\n::add-path::/tmp'")

    def test_an_archive_that_is_too_large_is_not_even_fetched(self):
        self.refused(os.urandom(4 * 1024 * 1024 + 1), "has 4194305 bytes")
        self.assertFalse(any("/zip" in " ".join(call) for call in self.world.seen()["calls"]))

    def test_a_number_that_is_text(self):
        self.refused([("pull-request", "seven"), DOCUMENT], "expected the number of a pull request, found 'seven'")

    def test_the_number_of_another_pull_request(self):
        self.world.open(8, {"prod/ami-versions.json": CHANGED}, "octo/goldsmith")
        self.refused([("pull-request", "8\n"), DOCUMENT], "it moved on, or the artifact names another one")

    def test_a_pull_request_that_is_not_there(self):
        self.refused([("pull-request", "9\n"), DOCUMENT], "GitHub did not answer pulls/9")

    def test_a_run_without_an_artifact_plans_nothing(self):
        head, _ = self.world.open(7, {VERSIONS: CHANGED})
        run = self.world.plan(head)
        self.assertEqual(run.results, {"documents": "success", "plan": "skipped", "comment": "skipped"}, run.log)


if __name__ == "__main__":
    unittest.main()
