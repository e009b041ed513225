"""A pull request is checked, and its documents are left for the plan; goldsmith is installed only if it is
what was released.

With GOLDSMITH=<path of the binary> the real one checks the documents too.
"""

import os
import unittest
import zipfile

from world import CHANGED, DOUBLES, GOOD, VERSIONS, Case

DOUBLE = DOUBLES / "goldsmith"


class Check(Case):
    def test_a_pull_request_of_a_fork_is_checked_without_an_identity(self):
        _, merge = self.world.open(7, {VERSIONS: CHANGED})
        run = self.world.check(7, merge)
        self.assertEqual(run.results, {"check": "success", "changed": "skipped", "upload": "skipped"}, run.log)
        (call,) = self.world.calls()
        self.assertEqual(call["arguments"], ["--format", "github"])
        self.assertEqual(call["directory"], "ami-versions/nonprod")
        self.assertEqual(call["documents"]["ami-versions.json"], CHANGED)
        self.assertEqual(run.roles, [])

    def test_its_documents_are_left_with_its_number(self):
        _, merge = self.world.open(7, {VERSIONS: CHANGED, "nonprod/notes.md": "no document\n"})
        run = self.world.check(7, merge)
        with zipfile.ZipFile(run.artifacts / "documents.zip") as left:
            self.assertEqual(left.read("pull-request"), b"7\n")
            documents = {name.removeprefix("ami-versions/") for name in left.namelist()} - {"pull-request"}
        self.assertEqual(
            documents, {VERSIONS, "nonprod/environment.json", "nonprod/components/harden.yml"}
        )

    def test_nothing_is_checked_if_no_environment_changes(self):
        _, merge = self.world.open(7, {"schema/environment.schema.json": "[]\n", "notes.md": "nothing\n"})
        run = self.world.check(7, merge)
        self.assertEqual(run.results["check"], "success", run.log)
        self.assertEqual(self.world.calls(), [])
        self.assertIn("no environment changes", run.log)

    def test_two_environments_are_both_checked_even_if_the_first_is_wrong(self):
        self.world.answers(check_nonprod={"exit": 1, "stdout": "::error file=x::wrong\n"})
        _, merge = self.world.open(7, {VERSIONS: "{}\n", "prod/environment.json": "{}\n"})
        run = self.world.check(7, merge)
        self.assertEqual(run.results["check"], "failure")
        self.assertIn("::error file=x::wrong", run.log)
        self.assertEqual([call["directory"] for call in self.world.calls()],
                         ["ami-versions/nonprod", "ami-versions/prod"])
        self.assertTrue((run.artifacts / "documents.zip").exists(), "a failed check is told too")

    def test_a_name_that_is_no_environment_is_said(self):
        _, merge = self.world.open(7, {"Not-One/environment.json": "{}\n"})
        run = self.world.check(7, merge)
        self.assertIn("::warning::Not-One is no name of an environment", run.log)
        self.assertEqual(self.world.calls(), [])

    @unittest.skipUnless(os.environ.get("GOLDSMITH"), "GOLDSMITH names no binary")
    def test_the_real_binary_annotates_the_line_that_is_wrong(self):
        self.world.release(os.environ["GOLDSMITH"])
        for text, expected in ((CHANGED, "success"), (GOOD.replace("ami-08bd941ae380bd3cd", "ami-1", 1), "failure")):
            _, merge = self.world.open(7, {VERSIONS: text})
            run = self.world.check(7, merge)
            self.assertEqual(run.results["check"], expected, run.log)
        self.assertIn("::error file=ami-versions/nonprod/ami-versions.json,line=3,", run.log)


class Release(Case):
    def check(self):
        _, merge = self.world.open(7, {VERSIONS: CHANGED})
        return self.world.check(7, merge)

    def refused(self, expected):
        run = self.check()
        self.assertEqual(run.results["check"], "failure")
        self.assertIn(expected, run.log)
        self.assertEqual(self.world.calls(), [], "it was run all the same")

    def pin(self, line):
        (self.world.clone / ".github" / "goldsmith.release").write_text(f"# which\n{line}\n")
        self.world.push({})

    def test_a_wrong_checksum_is_refused(self):
        self.world.release(DOUBLE, checksum="a" * 64)
        self.refused("is not what SHA256SUMS says")

    def test_one_that_nothing_attests_is_refused(self):
        self.world.release(DOUBLE, attested=False)
        self.refused("nothing attests")

    def test_a_pinned_checksum_needs_no_attestation(self):
        digest = self.world.release(DOUBLE, attested=False)
        self.pin(f"v0.1.0 {digest}")
        self.assertEqual(self.check().results["check"], "success")

    def test_another_binary_than_the_pinned_one_is_refused(self):
        self.pin(f"v0.1.0 {'b' * 64}")
        self.refused("is not what .github/goldsmith.release pins")

    def test_a_release_that_is_not_there_is_said(self):
        self.pin("v9.9.9")
        self.refused("push the tag, or name another release")

    def test_the_file_must_name_a_tag(self):
        for line in ("latest", "v1.2", "v1.2.3 abc", "v0.1.0;id"):
            self.pin(line)
            self.refused("goldsmith.release: expected")


if __name__ == "__main__":
    unittest.main()
