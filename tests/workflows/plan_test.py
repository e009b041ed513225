"""From the pull request to its comment."""

import unittest

from world import CHANGED, FORK, PLAN, VERSIONS, Case


class Plan(Case):
    """From the pull request to the comment: check, then what follows on the base branch."""

    def both(self, changes, repository=FORK, **answer):
        self.world.answers(plan_nonprod={"exit": 2, "stdout": PLAN} | answer, plan_prod={"exit": 0})
        head, merge = self.world.open(7, changes, repository)
        self.assertEqual(self.world.check(7, merge).results["check"], "success")
        return head, self.world.plan(head, repository=repository)

    def test_a_fork_is_planned_on_the_base_branch_with_the_role_that_reads(self):
        head, run = self.both({VERSIONS: CHANGED})
        self.assertEqual(set(run.results.values()), {"success"}, run.log)
        (call,) = self.world.calls("plan")
        self.assertEqual(call["directory"], "ami-versions/nonprod")
        self.assertEqual(call["documents"]["ami-versions.json"], CHANGED)
        self.assertEqual(call["arguments"][:4], ["--against", "goldsmith-nonprod", "--format", "markdown"])
        self.assertEqual(call["arguments"][-2:], ["--commit", head])
        self.assertEqual(run.roles, [("arn:aws:iam::111122223333:role/nonprod-plan", "us-east-1")])
        self.assertIn("the whole plan", (run.directory / "summary.md").read_text())
        self.assertEqual({ref for _, ref in run.checkouts}, {self.world.base}, "only the base branch is checked out")

    def test_one_comment_is_made_and_then_kept_current(self):
        head, _ = self.both({VERSIONS: CHANGED})
        (comment,) = self.comments()
        link = "[The whole plan](https://github.invalid/octo/goldsmith/actions/runs/5000)"
        self.assertEqual(comment["body"], f"{PLAN}\n\n{link} of {head}\n")
        second, _ = self.both({VERSIONS: CHANGED + "\n"}, stdout=PLAN.replace("110304", "110302"))
        (comment,) = self.comments()
        self.assertIn("110302 will be rebuilt", comment["body"])
        self.assertIn(second, comment["body"])
        self.assertEqual(comment["updates"], 1)

    def test_a_marker_of_somebody_else_is_not_ours(self):
        theirs = {"id": 1, "issue": "7", "user": {"login": "mallory"}, "body": PLAN}
        self.world.save(comments=[theirs])
        self.both({VERSIONS: CHANGED})
        self.assertEqual(self.comments()[0], theirs)
        self.assertEqual(len(self.comments()), 2)

    def test_two_environments_have_a_comment_each(self):
        _, run = self.both({VERSIONS: CHANGED, "prod/ami-versions.json": CHANGED})
        self.assertEqual([each["body"].splitlines()[0] for each in self.comments()],
                         ["<!-- goldsmith plan nonprod -->", "<!-- goldsmith plan prod -->"])
        self.assertEqual([role.rsplit("/")[-1] for role, _ in run.roles], ["nonprod-plan", "prod-plan"])

    def test_the_exit_code_is_the_status_and_only_an_error_fails(self):
        states = {0: "success", 1: "error", 2: "success", 3: "failure"}
        for code, state in states.items():
            with self.subTest(code):
                _, run = self.both({VERSIONS: CHANGED + " " * code}, exit=code)
                self.assertEqual(self.statuses(), {"goldsmith plan nonprod": state})
                self.assertEqual(run.results["plan"], "failure" if code == 1 else "success")
                self.assertEqual("could not be planned" in self.comments()[0]["body"], code == 1)

    def test_documents_that_fail_the_check_are_not_planned_and_the_comment_says_so(self):
        self.both({VERSIONS: CHANGED})
        self.world.answers(check_nonprod={"exit": 1})
        head, merge = self.world.open(7, {VERSIONS: "{}\n"})
        self.assertEqual(self.world.check(7, merge).results["check"], "failure")
        run = self.world.plan(head, conclusion="failure")
        self.assertEqual((run.results["plan"], run.roles), ("skipped", []))
        (comment,) = self.comments()
        self.assertIn(f"at {head} is not planned: [the check failed](https://github.invalid/the-check)", comment["body"])
        self.assertEqual(self.statuses(), {"goldsmith plan nonprod": "failure"})

    def test_what_is_no_longer_changed_is_said_in_its_comment(self):
        self.both({VERSIONS: CHANGED})
        head, _ = self.both({"notes.md": "nothing\n"})
        (comment,) = self.comments()
        self.assertIn(f"at {head} this pull request no longer changes it", comment["body"])

    def test_no_comment_is_made_if_no_environment_changes(self):
        _, run = self.both({"notes.md": "nothing\n"})
        self.assertEqual((run.results["plan"], self.comments(), run.roles), ("skipped", [], []))

    def test_a_new_environment_does_not_choose_a_role(self):
        _, run = self.both({"release/environment.json": "{}\n"})
        self.assertEqual((run.results["plan"], run.roles), ("skipped", []))
        self.assertIn("**release** is new", self.comments()[0]["body"])

    def test_what_documents_make_goldsmith_say_is_no_command_to_the_runner(self):
        _, run = self.both({VERSIONS: CHANGED}, stderr="::add-path::/tmp\n")
        before, _, after = run.log.partition("::add-path::/tmp")
        token = before.rsplit("::stop-commands::", 1)[1].splitlines()[0]
        self.assertRegex(token, "^[0-9a-f]{32}$")
        self.assertNotIn(f"::{token}::", before.rsplit("::stop-commands::", 1)[1])
        self.assertIn(f"::{token}::", after)

    def test_a_comment_is_never_longer_than_github_takes(self):
        self.both({VERSIONS: CHANGED}, stdout=PLAN + "x" * (65_536 - len(PLAN)))
        self.assertEqual(len(self.comments()[0]["body"]), 65_536)

    def test_only_a_finished_check_of_a_pull_request_is_followed(self):
        head, merge = self.world.open(7, {VERSIONS: CHANGED})
        self.world.check(7, merge)
        for event in ({"event": "push"}, {"conclusion": "cancelled"}, {"conclusion": "action_required"}):
            run = self.world.plan(head, **event)
            self.assertEqual(set(run.results.values()), {"skipped"})


if __name__ == "__main__":
    unittest.main()
