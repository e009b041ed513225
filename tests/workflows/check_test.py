"""A pull request is checked, and its documents are left for the plan; goldsmith is installed only if it is
what was released.

With GOLDSMITH=<path of the binary> the real one checks the documents too.
"""

import os
import subprocess
import unittest
import zipfile

from world import CHANGED, DOUBLES, GOOD, RELEASED, ROOT, VERSIONS, Case, pin, sha256

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
        pin(self.world.clone, f"v0.1.0 {RELEASED} {self.world.release(os.environ['GOLDSMITH'])}")
        self.world.push({})
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

    def pin(self, *parts):
        pin(self.world.clone, " ".join(parts))
        self.world.push({})

    def test_a_binary_that_was_replaced_is_refused_even_with_an_attestation(self):
        other = self.world.directory / "other"
        other.write_text("#!/bin/sh\n")
        self.world.release(other)
        self.refused("is not what .github/goldsmith.release pins")

    def test_checksums_beside_the_binary_prove_nothing(self):
        directory = self.world.double / "releases" / "v0.1.0"
        (directory / "goldsmith-x86_64-linux").write_text("#!/bin/sh\n")
        digest = sha256(directory / "goldsmith-x86_64-linux")
        (directory / "SHA256SUMS").write_text(f"{digest}  goldsmith-x86_64-linux\n")
        self.refused("is not what .github/goldsmith.release pins")

    def test_one_that_nothing_attests_is_refused_though_its_checksum_is_pinned(self):
        self.world.release(DOUBLE, attested=None)
        self.refused("nothing attests")

    def test_a_tag_that_was_moved_is_refused(self):
        # The same binary, built again from another commit at the same tag.
        self.world.release(DOUBLE, attested="f" * 40)
        self.refused("the tag was moved")

    def test_a_pin_of_another_commit_is_refused(self):
        self.pin("v0.1.0", "f" * 40, sha256(DOUBLE))
        self.refused("the pin names another commit")

    def test_a_private_repository_goes_by_the_pinned_checksum(self):
        self.world.release(DOUBLE, attested=None)
        self.world.save(private=True)
        self.assertEqual(self.check().results["check"], "success")

    def test_another_checksum_than_the_pinned_one_is_refused_in_a_private_repository_too(self):
        self.world.save(private=True)
        self.pin("v0.1.0", RELEASED, "b" * 64)
        self.refused("is not what .github/goldsmith.release pins")

    def test_a_repository_that_does_not_say_that_it_is_private_needs_the_attestation(self):
        self.world.release(DOUBLE, attested=None)
        for answer in (None, "", {"message": "Not Found"}):
            self.world.save(private=answer)
            self.refused("nothing attests")

    def test_a_release_that_is_not_there_is_said(self):
        self.pin("v9.9.9", RELEASED, "b" * 64)
        self.refused("push the tag, or name another release")

    def test_the_file_must_name_tag_commit_and_checksum_and_nothing_more(self):
        digest = sha256(DOUBLE)
        for parts in (
            ("latest", RELEASED, digest), ("v1.2", RELEASED, digest), ("v0.1.0;id", RELEASED, digest),
            ("v0.1.0",), ("v0.1.0", digest), ("v0.1.0", RELEASED), ("v0.1.0", digest, RELEASED),
            ("v0.1.0", RELEASED[:39], digest), ("v0.1.0", RELEASED, digest[:63]), ("v0.1.0", RELEASED.upper(), digest),
            ("v0.1.0", RELEASED, digest, "more"), ("main", RELEASED, digest), ("",),
            ("v0.1.0", RELEASED, digest + "\nv0.2.0", RELEASED, digest),
        ):
            self.pin(*parts)
            self.refused("goldsmith.release: expected")

    def test_the_line_of_a_release_is_printed(self):
        self.pin(self.line("v0.1.0"))
        self.assertEqual(self.check().results["check"], "success")

    def test_no_line_is_printed_for_a_commit_that_is_not_on_the_branch(self):
        for status in ("ahead", "diverged"):
            self.world.save(compared=status)
            with self.assertRaises(subprocess.CalledProcessError):
                self.line("v0.1.0")

    def line(self, tag):
        script = ROOT / ".github" / "scripts" / "pin-release.sh"
        environment = self.world.environment | {"REPOSITORY": "octo/goldsmith", "GH_TOKEN": "token"}
        done = subprocess.run([script, tag], env=environment, check=True, text=True, stdout=subprocess.PIPE)
        return done.stdout.strip()


if __name__ == "__main__":
    unittest.main()
