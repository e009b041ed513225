"""What must hold in every workflow, beside what zizmor says."""

import fnmatch
import unittest

from runner import WORKFLOWS, load


class Shape(unittest.TestCase):
    def jobs(self):
        for file in sorted(WORKFLOWS.glob("*.yml")):
            for name, job in load(file.name)["jobs"].items():
                yield f"{file.name} {name}", load(file.name), job

    def test_nothing_is_allowed_that_a_job_does_not_name(self):
        for name, workflow, job in self.jobs():
            self.assertEqual(workflow["permissions"], {}, name)
            self.assertIn("permissions", job, name)
            self.assertIn("timeout-minutes", job, name)

    def test_actions_are_pinned_by_commit_with_their_version(self):
        for file in WORKFLOWS.glob("*.yml"):
            for line in file.read_text().splitlines():
                if line.lstrip().startswith("- uses:"):
                    self.assertRegex(line, r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")

    def test_an_action_is_code_of_a_commit_or_of_this_repository_and_no_image(self):
        for name, _, job in self.jobs():
            self.assertNotIn("container", job, name)
            self.assertNotIn("services", job, name)
            for uses in (each["uses"] for each in job["steps"] if "uses" in each):
                self.assertRegex(uses, r"^[\w-]+/[\w-]+@[0-9a-f]{40}$", name)

    def test_only_the_tag_of_a_version_is_released_and_only_after_a_reviewer_let_it(self):
        release = load("release.yml")
        self.assertEqual(release["on"], {"push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+"]}})
        writers = {name: job.get("environment") for name, job in release["jobs"].items()
                   if "write" in job["permissions"].values()}
        self.assertEqual(writers, {"publish": "release"})

    def test_no_expression_is_expanded_in_a_script(self):
        for name, _, job in self.jobs():
            for step in job["steps"]:
                self.assertNotIn("${{", step.get("run", ""), name)

    def test_only_one_finding_is_waived_and_it_says_why(self):
        waived = [
            line for file in WORKFLOWS.glob("*.yml")
            for line in file.read_text().splitlines() if "zizmor:" in line
        ]
        self.assertEqual(len(waived), 1)
        self.assertRegex(waived[0], r"workflow_run: # zizmor: ignore\[dangerous-triggers\] \w.{40,}")

    def test_the_product_team_owns_its_document_and_the_platform_team_the_rest(self):
        lines = (WORKFLOWS.parent / "CODEOWNERS").read_text().splitlines()
        rules = [line.split() for line in lines if line and not line.startswith("#")]

        def owner(path):
            # The last rule counts; a pattern without a leading slash matches anywhere.
            return [team for pattern, team in rules if fnmatch.fnmatch(f"/{path}", pattern)][-1]

        self.assertEqual(owner("ami-versions/prod/ami-versions.json"), "@OWNER/product-team")
        for path in ("ami-versions/prod/environment.json", ".github/CODEOWNERS", "infra/template.yaml"):
            self.assertEqual(owner(path), "@OWNER/platform-team", path)

    def test_who_may_write_has_no_role_and_the_other_way_round(self):
        plan = load("ami-versions-plan.yml")["jobs"]
        for job in plan.values():
            rights = job["permissions"]
            writes = {right for right, level in rights.items() if level == "write"}
            self.assertFalse("id-token" in writes and len(writes) > 1)


if __name__ == "__main__":
    unittest.main()
