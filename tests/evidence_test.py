"""No role of the functions may do what nothing uses, and each may do what it used: by what the scenarios called.

    evidence_test.py FOLDER

The scenarios of tests/tests write the calls of every function into FOLDER, as its own reports count them. They are
compared with the actions that the role of the function has in infra/template.yaml. `make torture` runs it.
"""

import collections
import fnmatch
import json
import pathlib
import sys
import unittest

from judge import Deployed

ROLES = {"reconcile": "ReconcileRole", "scheduled-build": "ScheduledBuildRole", "image-events": "ImageEventsRole"}

# Calls whose action has another name (service authorization reference).
ACTIONS = {
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:HeadObject": "s3:GetObject",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "lambda:Invoke": "lambda:InvokeFunction",
}

# What roles have and no call of theirs shows, with the reason.
WITHOUT_A_CALL = {
    "iam:CreateServiceLinkedRole": "Image Builder makes its own role at the first call of an account",
    "imagebuilder:GetWorkflow": "CreateImage and CreateImagePipeline depend on it (service authorization reference)",
    "iam:PassRole": "a role is passed as a parameter of another call",
    "kms:Decrypt": "SNS asks for it in the name of who publishes to the encrypted topic",
    "kms:GenerateDataKey*": "SNS asks for it in the name of who publishes to the encrypted topic",
    "logs:CreateLogStream": "Lambda writes the log of a function in the name of its role",
    "logs:PutLogEvents": "Lambda writes the log of a function in the name of its role",
    "s3:GetObjectVersion": "GetObject with the id of a version asks for it",
    "sqs:SendMessage": "Lambda hands an event that failed to the queue in the name of the role",
}
RARE = "code asks for it, and no scenario comes so far"
# What one role has and no scenario shows, with the reason.
WITHOUT_A_SCENARIO = {
    ("ReconcileRole", "ec2:DeleteSnapshot"): "DeregisterImage deletes the snapshots of an AMI with it",
    ("ReconcileRole", "ec2:DescribeSubnets"): RARE,
    ("ReconcileRole", "events:PutTargets"): RARE,
    ("ReconcileRole", "kms:RevokeGrant"): RARE,
    ("ReconcileRole", "lambda:InvokeFunction"): RARE,
    ("ScheduledBuildRole", "imagebuilder:GetImagePipeline"): "StartImagePipelineExecution depends on it",
    ("ScheduledBuildRole", "imagebuilder:TagResource"): RARE,
    ("ScheduledBuildRole", "s3:PutObject"): "storing the report is counted in no report",
    ("ImageEventsRole", "s3:DeleteObject"): RARE,
}
# What a function does as a role of a consumer's account, which rebuilds an image there.
IN_ANOTHER_ACCOUNT = {
    "imagebuilder:CreateImage", "imagebuilder:DeleteImageRecipe", "imagebuilder:DeleteInfrastructureConfiguration",
}

FOLDER = None


def used():
    """The actions that the calls of each role needed."""
    found = collections.defaultdict(set)
    for each in FOLDER.glob("*.json"):
        function = each.name.split(".")[0]
        for call in json.loads(each.read_text()):
            found[ROLES[function]].add(ACTIONS.get(call, call))
    return found


def granted(resolved, role):
    """The actions that a role has, as its policies write them: its own, those that it names, and those that name it."""
    named = resolved.resources[role]["Properties"].get("ManagedPolicyArns", [])
    policies = [role, *(each.strip("<>") for each in named)]
    policies += [name for name, each in resolved.resources.items()
                 if each["Type"] == "AWS::IAM::Policy" and f"<{role}>" in each["Properties"]["Roles"]]
    return set().union(*(resolved.actions(policy) for policy in policies))


class Evidence(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.resolved = Deployed("template.yaml")
        self.used = used()
        self.granted = {role: granted(self.resolved, role) for role in ROLES.values()}

    def test_every_function_has_left_evidence(self):
        self.assertEqual(set(self.used), set(ROLES.values()))

    def test_each_role_may_do_what_it_did(self):
        lacking = {(role, action) for role, actions in self.used.items() for action in actions
                   if not any(fnmatch.fnmatchcase(action, pattern) for pattern in self.granted[role])}
        self.assertEqual({(role, action) for role, action in lacking if action not in IN_ANOTHER_ACCOUNT}, set())

    def test_no_role_may_do_what_nothing_did_but_for_the_list(self):
        unused = {(role, pattern) for role, patterns in self.granted.items() for pattern in patterns
                  if not any(fnmatch.fnmatchcase(action, pattern) for action in self.used[role])}
        expected = {(role, action) for role, action in unused if action in WITHOUT_A_CALL}
        self.assertEqual(unused - expected - set(WITHOUT_A_SCENARIO), set())

    def test_no_reason_is_for_something_that_no_role_has(self):
        self.assertEqual(set(WITHOUT_A_CALL) - set().union(*self.granted.values()), set())


if __name__ == "__main__":
    FOLDER = pathlib.Path(sys.argv.pop(1))
    unittest.main()
