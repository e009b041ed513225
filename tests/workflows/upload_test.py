"""What is merged is uploaded, and what another repository holds."""

import unittest

from runner import git
from world import CHANGED, GOOD, VERSIONS, Case


class Upload(Case):
    def test_each_environment_that_changed_is_uploaded_by_its_own_role(self):
        after = self.world.push({VERSIONS: CHANGED, "prod/ami-versions.json": CHANGED})
        run = self.world.merge(self.world.base, after)
        self.assertEqual(run.results, {"check": "skipped", "changed": "success", "upload": "success"}, run.log)
        self.assertEqual(
            [(call["directory"], call["arguments"]) for call in self.world.calls()],
            [(f"ami-versions/{name}", ["--against", f"goldsmith-{name}", "--yes", "--commit", after])
             for name in ("nonprod", "prod")],
        )
        self.assertEqual([call["role"].rsplit("/")[-1] for call in self.world.calls()], ["nonprod", "prod"])
        self.assertEqual(self.world.calls()[0]["build-url"],
                         "https://github.invalid/octo/goldsmith/actions/runs/5000")

    def test_nothing_is_uploaded_if_no_environment_changed(self):
        after = self.world.push({"schema/environment.schema.json": "[]\n"})
        run = self.world.merge(self.world.base, after)
        self.assertEqual((run.results["upload"], run.roles), ("skipped", []))

    def test_what_the_branch_holds_now_is_uploaded_even_by_an_older_run(self):
        older = self.world.push({VERSIONS: CHANGED})
        newer = self.world.push({VERSIONS: GOOD})
        self.world.merge(self.world.base, older)
        (call,) = self.world.calls()
        self.assertEqual(call["documents"]["ami-versions.json"], GOOD)
        self.assertEqual(call["arguments"][-1], newer)

    def test_every_environment_is_uploaded_if_the_history_was_replaced(self):
        after = self.world.push({VERSIONS: CHANGED})
        for before in ("0" * 40, "1234567890" * 4):
            self.world.merge(before, after)
        self.assertEqual([call["directory"] for call in self.world.calls()],
                         ["ami-versions/nonprod", "ami-versions/prod"] * 2)

    def test_what_is_refused_or_fails_fails_the_merge_and_the_others_go_on(self):
        report = "refused: 110304\n"
        for code in (1, 3):
            with self.subTest(code):
                self.world.answers(apply_nonprod={"exit": code, "stdout": report})
                after = self.world.push({VERSIONS: CHANGED + " " * code, "prod/ami-versions.json": CHANGED})
                run = self.world.merge(self.world.base, after)
                self.assertEqual(run.results["upload"], "failure")
                self.assertIn(report, run.log)
                self.assertEqual(self.world.calls()[-1]["directory"], "ami-versions/prod")

    def test_an_environment_that_is_gone_uploads_nothing(self):
        between = self.world.push({VERSIONS: CHANGED})
        gone = ["ami-versions.json", "environment.json", "components/harden.yml"]
        after = self.world.push({f"nonprod/{each}": None for each in gone})
        self.assertEqual(self.world.merge(between, after).results["upload"], "skipped")
        # And if it goes while a run waits for its turn:
        run = self.world.merge(self.world.base, between)
        self.assertEqual((run.results["upload"], self.world.calls()), ("success", []))
        self.assertIn("is gone: nothing is uploaded", run.log)

    def test_an_environment_without_a_role_says_what_to_set(self):
        after = self.world.push({VERSIONS: CHANGED})
        run = self.world.run("ami-versions.yml", event_name="push", event={"before": self.world.base},
                             sha=after, variables={})
        self.assertEqual((run.results["upload"], run.roles), ("failure", []))
        self.assertIn("GitHub environment nonprod has no variable AWS_ROLE", run.log)


class Elsewhere(Case):
    """upload-documents.yml: the documents of another repository."""

    def upload(self, variables=None, url="https://git.invalid/octo/configuration", ref="", secrets=None, **inputs):
        self.world.environment |= {
            "GIT_CONFIG_GLOBAL": str(self.world.directory / "gitconfig"), "GIT_ALLOW_PROTOCOL": "file",
        }
        rewrite = f'[url "file://{self.world.origin}"]\n\tinsteadOf = https://git.invalid/octo/configuration\n'
        (self.world.directory / "gitconfig").write_text(rewrite)
        job = {"workflow_repository": "octo/goldsmith", "workflow_sha": self.world.base}
        defaults = {"environment": "nonprod", "config-url": url, "config-ref": ref, "directory": ""}
        environment = {"AWS_ROLE": "arn:aws:iam::111122223333:role/nonprod", "AWS_REGION": "us-east-1"}
        return self.world.run(
            "upload-documents.yml", event_name="push", event={}, sha="0" * 40, job=job,
            inputs=defaults | inputs, variables={"nonprod": environment | (variables or {})}, secrets=secrets or {},
        )

    def test_documents_are_uploaded_at_a_ref(self):
        git(self.world.clone, "checkout", "--quiet", "-b", "reviewed")
        self.world.write({VERSIONS: CHANGED})
        sha = self.world.commit()
        git(self.world.clone, "push", "--quiet", self.world.origin, "reviewed")
        for ref in ("reviewed", sha):
            run = self.upload(ref=ref)
            self.assertEqual(run.results["upload"], "success", run.log)
            call = self.world.calls()[-1]
            self.assertEqual(call["arguments"], ["--against", "goldsmith-nonprod", "--yes", "--commit", sha])
            self.assertEqual(call["documents"]["ami-versions.json"], CHANGED)

    def test_the_variables_do_the_same_and_another_directory_may_be_named(self):
        variables = {"PIPELINE_CONFIG_URL": "https://git.invalid/octo/configuration", "PIPELINE_CONFIG_REF": "main"}
        run = self.upload(variables, url="", directory="ami-versions/prod")
        self.assertEqual(run.results["upload"], "success", run.log)
        self.assertTrue(self.world.calls()[0]["directory"].endswith("/ami-versions/prod"))

    def test_none_disables_it(self):
        for run in (self.upload(url="none"), self.upload({"PIPELINE_CONFIG_URL": "none"}, url=""), self.upload(url="")):
            self.assertEqual((run.results["upload"], run.roles, self.world.calls()), ("success", [], []), run.log)
            self.assertIn("PIPELINE_CONFIG_URL is none", run.log)

    def test_what_is_no_https_repository_is_refused(self):
        for url in ("http://git.invalid/x", "git@git.invalid:x", "file:///etc", "--upload-pack=id", "ext::id",
                    "https://user:secret@git.invalid/x", "https://git.invalid/x?y", "https://git.invalid/$(id)"):
            with self.subTest(url):
                run = self.upload(url=url)
                self.assertEqual((run.results["upload"], run.roles), ("failure", []))
                self.assertIn("PIPELINE_CONFIG_URL: expected an https URL", run.log)

    def test_a_ref_or_a_directory_that_is_none_is_refused(self):
        for ref in ("--upload-pack=id", "a..b", "a b", "missing"):
            self.assertEqual(self.upload(ref=ref).results["upload"], "failure", ref)
        for directory in ("../x", "/etc", "ami-versions/../..", "-x", "missing"):
            self.assertEqual(self.upload(directory=directory).results["upload"], "failure", directory)
        self.assertEqual(self.world.calls(), [])

    def test_a_link_in_it_does_not_lead_to_this_machine(self):
        (self.world.clone / "ami-versions" / "nonprod" / "components" / "leak.yml").symlink_to("/etc/hostname")
        self.world.push({})
        self.upload()
        self.assertEqual(self.world.calls()[0]["documents"]["components/leak.yml"], "/etc/hostname")

    def test_the_token_is_masked(self):
        run = self.upload(secrets={"config-token": "s3cret"})
        self.assertEqual(run.results["upload"], "success", run.log)
        self.assertIn("::add-mask::eC1hY2Nlc3MtdG9rZW46czNjcmV0", run.log)
        self.assertNotIn("s3cret", run.log)


if __name__ == "__main__":
    unittest.main()
