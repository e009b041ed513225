"""From a build that failed to a comment on the pull request whose documents it was built from."""

import json
import unittest

from world import Case

COMMIT = "4a" * 20
FAILED = {
    "time": "2026-01-02T03:04:05Z", "environment": "nonprod", "recipe": "110304", "version": "1.0.3/2",
    "image": "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.3/2", "class": "unknown",
    "reason": "the step failed", "context": ["step: Install"], "last-good": None, "changed": ["base ami-a -> ami-b"],
    "commit": COMMIT, "log": ["exit status 1"], "link": "https://example.invalid/log",
}


class Failures(Case):
    def setUp(self):
        super().setUp()
        self.world.save(pulls={"7": {"commits": [COMMIT], "merged_at": "2026-01-01T00:00:00Z"}})

    def look(self, *failed):
        self.world.answers(failures_nonprod={"stdout": json.dumps(failed)}, failures_prod={"stdout": "[]"})
        return self.world.failures()

    def test_the_pull_request_of_the_commit_is_told_by_a_job_without_a_role(self):
        run = self.look(FAILED)
        self.assertEqual(set(run.results.values()), {"success"}, run.log)
        roles = [("arn:aws:iam::111122223333:role/nonprod-plan", "us-east-1"),
                 ("arn:aws:iam::111122223333:role/prod-plan", "us-east-1")]
        self.assertEqual(run.roles, roles)
        (call,) = [each for each in self.world.calls("failures") if "goldsmith-nonprod" in each["arguments"]]
        self.assertEqual(call["arguments"][-2:], ["--format", "json"])
        (comment,) = self.comments()
        self.assertEqual(comment["issue"], "7")
        self.assertEqual(comment["body"], f"""<!-- goldsmith failure nonprod/110304 -->
**nonprod**: the build of `110304` from {COMMIT} has failed, for a reason of the class unknown.

    the step failed
    step: Install
    changed: base ami-a -> ami-b
    
    The log ends with:
    exit status 1

`goldsmith logs 110304 --against goldsmith-nonprod` shows more.
""")

    def test_the_same_failure_is_told_once_and_the_next_one_takes_its_place(self):
        self.look(FAILED)
        self.look(FAILED)
        (comment,) = self.comments()
        self.assertNotIn("updates", comment)
        self.look(FAILED | {"reason": "another step failed"}, FAILED)
        (comment,) = self.comments()
        self.assertIn("another step failed", comment["body"])
        self.assertEqual(comment["updates"], 1)

    def test_each_recipe_has_a_comment_of_its_own(self):
        self.look(FAILED, FAILED | {"recipe": "110302"})
        self.assertEqual(len(self.comments()), 2)

    def test_a_commit_that_came_with_no_merged_pull_request_is_left(self):
        for pulls in ({}, {"7": {"commits": [COMMIT]}}):
            self.world.save(pulls=pulls)
            run = self.look(FAILED)
            self.assertEqual((run.results["comment"], self.comments()), ("success", []), run.log)
        for commit in (None, "main", "x" * 40):
            run = self.look(FAILED | {"commit": commit})
            self.assertEqual((run.results["comment"], self.comments()), ("success", []), run.log)

    def test_a_commit_that_github_does_not_know_keeps_nothing_from_the_others(self):
        run = self.look(FAILED | {"commit": "5b" * 20, "recipe": "110302"}, FAILED)
        self.assertEqual(run.results["comment"], "success", run.log)
        (comment,) = self.comments()
        self.assertIn("nonprod/110304", comment["body"])
        self.assertIn("::warning::", run.log)

    def test_of_many_changes_ten_are_shown_and_the_whole_log(self):
        self.look(FAILED | {"changed": [f"with c{each}" for each in range(45)], "log": [f"log {each}" for each in range(20)]})
        body = self.comments()[0]["body"]
        self.assertIn("    changed: with c9\n    ... and 35 more\n", body)
        self.assertIn("    log 19\n", body)

    def test_what_a_build_wrote_is_shown_as_code_whatever_it_looks_like(self):
        hostile = ["</pre><img src=x>", "```", "@everyone", "a\n# heading\n<!-- goldsmith plan nonprod -->"]
        self.look(FAILED | {"log": hostile})
        body = self.comments()[0]["body"]
        inside = body.split("\n\n", 1)[1].rsplit("\n\n", 1)[0]
        for line in inside.splitlines():
            self.assertTrue(line.startswith("    "), line)

    def test_a_log_that_never_ends_makes_no_endless_comment(self):
        self.look(FAILED | {"log": ["x" * 300] * 5000})
        self.assertLessEqual(len(self.comments()[0]["body"]), 65_536)

    def test_an_environment_that_is_not_set_up_is_passed_over(self):
        self.world.answers(failures_nonprod={"stdout": json.dumps([FAILED])})
        variables = {"nonprod-plan": {"AWS_ROLE": "arn:aws:iam::111122223333:role/nonprod-plan", "AWS_REGION": "us-east-1"}}
        run = self.world.failures(variables)
        self.assertEqual(set(run.results.values()), {"success"}, run.log)
        self.assertEqual(len(run.roles), 1)
        self.assertEqual(len(self.comments()), 1)

    def test_an_environment_that_cannot_be_read_keeps_nothing_from_the_others(self):
        self.world.answers(failures_nonprod={"stdout": json.dumps([FAILED])}, failures_prod={"exit": 1})
        run = self.world.failures()
        self.assertEqual(run.results["comment"], "success", run.log)
        self.assertEqual(len(self.comments()), 1)


if __name__ == "__main__":
    unittest.main()
