"""That infra/deploy.py and undeploy.py make, change and remove a stack, and what they do if that fails or is refused.

docs/deploy.md by `make deploy`, against the embedded AWS. The functions may do only what their roles allow. It needs
what `make zips build` makes. Run it with the Python of target/venv/stack: `make terraform` does.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

import boto3

from embedded import INFRA
from readback import ACCOUNT, STACK
from terraform_factory_test import BOTH, COMMANDS, ZIP, Empty

BUCKETS = {kind: f"{STACK}-{kind}-{ACCOUNT}-us-east-1" for kind in ("documents", "output")}
LOGS = "/aws/lambda/goldsmith-nonprod-reconcile"


class Deploy(unittest.TestCase):
    """One stack, for all tests, which run in the order of its life."""

    @classmethod
    def setUpClass(cls):
        directory = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.aws = cls.enterClassContext(Empty(directory / "local"))
        cls.environment = {**os.environ, **cls.aws.environment, "GOLDSMITH": str(COMMANDS / "goldsmith"),
                           "PYTHONDONTWRITEBYTECODE": "1"}

    def client(self, service, variable="AWS_ENDPOINT_URL"):
        given = self.aws.environment
        return boto3.client(
            service, endpoint_url=given[variable], region_name="us-east-1",
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"], aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        )

    def run_it(self, command, *arguments, expected=0):
        """What the script prints, if it ends with this code."""
        called = [sys.executable, INFRA / f"{command}.py", "nonprod", *arguments]
        done = subprocess.run(called, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(done.returncode, expected, done.stdout[-4000:] + done.stderr)
        return done.stdout + done.stderr

    def goldsmith(self, *arguments):
        done = subprocess.run([COMMANDS / "goldsmith", *arguments], cwd=INFRA.parent, env=self.environment,
                              capture_output=True, text=True)
        # 3: something needs a person, such as an alarm of a stack that is not two hours old.
        self.assertIn(done.returncode, (0, 3), done.stdout + done.stderr)
        return done.stdout

    def deploy(self, *arguments, **named):
        return self.run_it("deploy", "--yes", "--zip", str(ZIP), *arguments, **named)

    def stacks(self):
        """The statuses of the stacks that there are."""
        listed = self.client("cloudformation").list_stacks()["StackSummaries"]
        return [each["StackStatus"] for each in listed if each["StackStatus"] != "DELETE_COMPLETE"]

    def retention(self):
        (group,) = self.client("logs").describe_log_groups(logGroupNamePrefix=LOGS)["logGroups"]
        return group["retentionInDays"]

    def test_1_without_an_answer_nothing_is_made(self):
        said = self.run_it("deploy", "--zip", str(ZIP), expected=1)
        self.assertIn("add      Reconcile, AWS::Lambda::Function\n", said)
        self.assertTrue(said.endswith("error: nothing was changed\n"), said[-300:])
        self.assertEqual(self.stacks(), [])

    def test_2_a_stack_is_made_and_reconcile_ends_it(self):
        said = self.deploy()
        self.assertRegex(said, r"\d\d:\d\d:\d\d CREATE_COMPLETE goldsmith-nonprod\n")
        self.assertIn(f"  DocumentBucket: {BUCKETS['documents']}\n", said)
        self.assertIn("\ngoldsmith reconcile\n", said)
        self.assertEqual(self.stacks(), ["CREATE_COMPLETE"])
        self.assertEqual(self.retention(), 90)
        reports = self.client("s3").list_objects_v2(Bucket=BUCKETS["output"], Prefix="reports/reconcile/")
        self.assertGreater(reports["KeyCount"], 0)

    def test_3_the_same_again_changes_nothing(self):
        self.assertIn("nothing changes: the stack is as the template says\n", self.deploy())

    def test_4_a_parameter_changes_in_place_and_stays_when_it_is_not_given_again(self):
        said = self.deploy("--parameter", "LogRetentionDays=30")
        self.assertIn("3 changes:\n", said)
        # The embedded CloudFormation does not know that a log group keeps its name.
        self.assertRegex(said, r"modify +ReconcileLogs, AWS::Logs::LogGroup(, may be replaced)? \(RetentionInDays\)\n")
        self.assertEqual((self.stacks(), self.retention()), (["UPDATE_COMPLETE"], 30))
        self.assertIn("nothing changes", self.deploy())
        self.assertEqual(self.retention(), 30)

    def test_5_what_the_template_does_not_take_is_refused_before_anything_is_made(self):
        said = self.deploy("--parameter", "LogRetention=30", expected=1)
        self.assertIn("error: the template has no parameter LogRetention; it has ", said)
        said = self.deploy("--parameter", "Architecture=arm64", expected=1)
        self.assertIn("was built for x86_64, and Architecture is arm64", said)
        said = self.deploy("--parameter", "LogRetentionDays=31", expected=1)
        self.assertIn("LogRetentionDays", said)
        self.assertEqual((self.stacks(), self.retention()), (["UPDATE_COMPLETE"], 30))

    def test_6_a_deployment_that_fails_leaves_the_old_one_at_work(self):
        boundary = f"arn:aws:iam::{ACCOUNT}:policy/there-is-none"
        said = self.deploy("--parameter", f"PermissionsBoundaryArn={boundary}",
                           "--parameter", "LogRetentionDays=60", expected=1)
        self.assertRegex(said, rf"UPDATE_FAILED \w+Role: .*{boundary} does not exist")
        self.assertIn("error: the deployment failed, and goldsmith-nonprod is again as it was before", said)
        self.assertEqual((self.stacks(), self.retention()), (["UPDATE_ROLLBACK_COMPLETE"], 30))
        self.goldsmith("reconcile")
        # And it can be deployed again.
        self.deploy("--parameter", "PermissionsBoundaryArn=", "--parameter", "LogRetentionDays=60")
        self.assertEqual((self.stacks(), self.retention()), (["UPDATE_COMPLETE"], 60))

    def test_7_what_people_launch_keeps_the_stack(self):
        self.write_key_policies_again()
        self.goldsmith("apply", "ami-versions/nonprod", "--yes", "--no-wait")
        self.assertEqual(self.published(), BOTH)
        said = self.run_it("undeploy", "--yes", expected=1)
        self.assertIn("error: images are promoted: 110302 1.0.0/1, 110304 1.0.0/1. ", said)
        self.assertEqual(self.stacks(), ["UPDATE_COMPLETE"])

    def test_8_without_them_it_goes_and_says_what_remains(self):
        builder = self.client("imagebuilder", "AWS_ENDPOINT_URL_IMAGEBUILDER")
        for each in builder.list_image_pipelines()["imagePipelineList"]:
            builder.delete_image_pipeline(imagePipelineArn=each["arn"])
        self.assertEqual(self.run_it("undeploy", expected=1).splitlines()[-1], "error: nothing was changed")
        keys = self.keys()
        said = self.run_it("undeploy", "--yes")
        type(self).back = re.search(r"PARAMETERS='(.*)'\n", said)[1]
        self.assertEqual(self.stacks(), [])
        self.assertEqual(self.client("lambda").list_functions()["Functions"], [])
        for name in ("DocumentBucket", "ImageKey", "OutputBucket", "SigningKey"):
            self.assertRegex(said, rf"\n  {name}, AWS::\w+::\w+: \S+\n")
        self.assertIn("\n  2 AMIs with their snapshots in us-east-1, 0 pipelines", said)
        left = {each["Name"] for each in self.client("s3").list_buckets()["Buckets"]}
        self.assertGreaterEqual(left, set(BUCKETS.values()))
        documents = self.client("s3").list_objects_v2(Bucket=BUCKETS["documents"])
        self.assertGreater(documents["KeyCount"], 0)
        self.assertEqual({state for name, state in self.keys().items() if name in keys}, {"Enabled"})

    def test_9_what_is_left_blocks_a_new_stack_unless_it_is_given_to_it(self):
        said = self.deploy(expected=1)
        self.assertIn(f"error: the bucket {BUCKETS['documents']} of an earlier stack is still there", said)
        self.assertEqual(self.stacks(), [])
        keys = self.keys()
        given = [each for pair in self.back.split() for each in ("--parameter", pair)]
        self.deploy(*given)
        self.assertEqual((self.stacks(), self.keys()), (["CREATE_COMPLETE"], keys))
        # The documents are still there, so that reconcile has made their pipelines again.
        recipes = json.loads(self.goldsmith("status", "--format", "json"))["recipes"]
        self.assertEqual({each["recipename"] for each in recipes}, BOTH)

    def keys(self):
        """The states of the keys for images and signatures, by their ids."""
        kms = self.client("kms", "AWS_ENDPOINT_URL_KMS")
        found = [kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"] for each in kms.list_keys()["Keys"]]
        return {each["KeyId"]: each["KeyState"] for each in found if not each["Description"].startswith("Messages")}

    def write_key_policies_again(self):
        """The embedded CloudFormation writes key policies itself, past KMS, which judges who may use a key."""
        written, judged = self.client("kms"), self.client("kms", "AWS_ENDPOINT_URL_KMS")
        for each in written.list_keys()["Keys"]:
            key = {"KeyId": each["KeyId"], "PolicyName": "default"}
            judged.put_key_policy(Policy=written.get_key_policy(**key)["Policy"], **key)

    def published(self):
        """The recipes whose images consumers get, once these are both, or two minutes have passed."""
        latest = time.monotonic() + 120
        while True:
            recipes = json.loads(self.goldsmith("status", "--format", "json"))["recipes"]
            found = {each["recipename"] for each in recipes if each["published"]}
            if found == BOTH or time.monotonic() > latest:
                return found
            time.sleep(1)


def main():
    if not ZIP.exists():
        print("SKIPPED: nothing is deployed, there is no zip of the functions")
        return
    unittest.main(failfast=True)


if __name__ == "__main__":
    main()
