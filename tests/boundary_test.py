"""What no role of infra/template.yaml does, whatever somebody attaches to it, and whom infra/scp.json keeps out.

Run it with the Python of target/venv/stack: `make template` does.
"""

import json
import unittest

from judge import ACCOUNT, Deployed, Judge
from resolved import INFRA, listed

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
DOCUMENTS = f"arn:aws:s3:::goldsmith-nonprod-documents-{ACCOUNT}-us-east-1"
OUTPUT = f"arn:aws:s3:::goldsmith-nonprod-output-{ACCOUNT}-us-east-1"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
SNAPSHOT, IMAGE = "arn:aws:ec2:us-east-1::snapshot/snap-1", "arn:aws:ec2:us-east-1::image/ami-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/goldsmith-nonprod-BuildInstanceRole-x"
OURS = {"aws:ResourceTag/goldsmith:environment": "nonprod"}


class Boundary(unittest.TestCase):
    """Each question is asked as every role, with all rights attached to it by hand."""

    def setUp(self):
        self.judge = Judge(Deployed("template.yaml"))
        resources = self.judge.resolved.resources
        self.roles = [name for name, each in resources.items() if each["Type"] == "AWS::IAM::Role"]
        self.assertEqual(len(self.roles), 5)

    def decided(self, action, resource, **keys):
        return {self.judge.with_rights(role, [EVERYTHING], action, resource, **keys) for role in self.roles}

    def assert_never(self, action, resource, **keys):
        self.assertNotIn("Allow", self.decided(action, resource, **keys), (action, resource, keys))

    def test_no_role_takes_a_key_away(self):
        for action in ("ScheduleKeyDeletion", "DisableKey", "DisableKeyRotation", "DeleteImportedKeyMaterial"):
            self.assert_never(f"kms:{action}", KEY)
        self.assertIn("Allow", self.decided("kms:DescribeKey", KEY))

    def test_no_role_makes_a_snapshot_public_or_lifts_the_accounts_block(self):
        self.assert_never("ec2:ModifySnapshotAttribute", SNAPSHOT, **{"ec2:Add/group": "all"})
        self.assertIn("Allow", self.decided("ec2:ModifySnapshotAttribute", SNAPSHOT, **{"ec2:Add/userId": "222222222222"}))
        for action in ("DisableImageBlockPublicAccess", "DisableSnapshotBlockPublicAccess"):
            self.assert_never(f"ec2:{action}", "*")

    def test_no_role_writes_the_document_bucket(self):
        for action, resource in (
            ("PutObject", f"{DOCUMENTS}/ami-versions.json"), ("DeleteObject", f"{DOCUMENTS}/ami-versions.json"),
            ("PutObjectTagging", f"{DOCUMENTS}/x"), ("RestoreObject", f"{DOCUMENTS}/x"),
            ("DeleteObjectVersion", f"{DOCUMENTS}/x"), ("BypassGovernanceRetention", f"{DOCUMENTS}/x"),
            ("PutBucketPolicy", DOCUMENTS), ("PutBucketNotification", DOCUMENTS), ("DeleteBucket", DOCUMENTS),
        ):
            self.assert_never(f"s3:{action}", resource)
        self.assertIn("Allow", self.decided("s3:GetObject", f"{DOCUMENTS}/ami-versions.json"))
        self.assertIn("Allow", self.decided("s3:PutObject", f"{OUTPUT}/results/x"))

    def test_a_given_document_bucket_is_the_one_that_is_kept(self):
        self.judge = Judge(Deployed("template.yaml", ExistingDocumentBucket="documents"))
        self.assert_never("s3:PutObject", "arn:aws:s3:::documents/x")

    def test_a_role_is_passed_to_ec2_and_image_builder_and_to_nothing_else(self):
        for service in ("lambda", "cloudformation", "ecs-tasks", "glue"):
            self.assert_never("iam:PassRole", ROLE, **{"iam:PassedToService": f"{service}.amazonaws.com"})
        self.assert_never("iam:PassRole", ROLE)
        for service in ("ec2", "imagebuilder"):
            self.assertIn("Allow", self.decided("iam:PassRole", ROLE, **{"iam:PassedToService": f"{service}.amazonaws.com"}))

    def test_no_role_gives_itself_or_anybody_rights(self):
        for action in ("AttachRolePolicy", "PutRolePolicy", "CreateRole", "DeleteRolePermissionsBoundary", "CreateUser",
                       "CreateAccessKey", "UpdateAssumeRolePolicy", "CreatePolicyVersion", "PassRoles"):
            self.assert_never(f"iam:{action}", ROLE)
        for action in ("organizations:LeaveOrganization", "lambda:UpdateFunctionCode", "lambda:AddPermission",
                       "cloudformation:UpdateStack", "cloudtrail:StopLogging", "cloudwatch:DisableAlarmActions"):
            self.assert_never(action, "*")

    def test_what_the_roles_policies_allow_is_within_it(self):
        """A right that somebody adds to a role must be added to the boundary as well."""
        allowed = set()
        for role in self.roles:
            for document in self.documents(role):
                allowed |= {action for each in document["Statement"] if each["Effect"] == "Allow"
                            for action in listed(each["Action"])}
        self.assertGreater(len(allowed), 100)
        boundary = self.judge.resolved.resources["Boundary"]["Properties"]["PolicyDocument"]
        within = {action for each in boundary["Statement"] if each["Effect"] == "Allow" for action in each["Action"]}
        beyond = {each for each in allowed if each not in within and f"{each.split(':')[0]}:*" not in within}
        self.assertEqual(beyond, set())

    def documents(self, role):
        resources = self.judge.resolved.resources
        properties = resources[role]["Properties"]
        yield from (each["PolicyDocument"] for each in properties.get("Policies", []))
        for each in properties.get("ManagedPolicyArns", []):
            yield resources[each.strip("<>")]["Properties"]["PolicyDocument"]

    def test_it_gives_no_right(self):
        for role in self.roles:
            self.assertNotEqual(self.judge.by_role(role, "s3:DeleteBucket", "arn:aws:s3:::another"), "Allow")


class ServiceControlPolicy(unittest.TestCase):
    """infra/scp.json on the building account, whose administrator may do everything else."""

    def setUp(self):
        self.judge = Judge(Deployed("template.yaml"))
        self.scp = json.loads((INFRA / "scp.json").read_text())

    def decides(self, who, action, resource, **keys):
        return self.judge.by_scp(self.scp, f"arn:aws:iam::{ACCOUNT}:role/{who}", action, resource, **keys)

    def assert_only(self, allowed, action, resource, **keys):
        """Of all who are known here, these alone may do it."""
        everybody = ("admin", "goldsmith", "goldsmith-operator", "goldsmith-deployer", "goldsmith-nonprod-ReconcileRole-1X",
                     "goldsmith-nonprod-ImageEventsRole-us-east-1", "goldsmith-nonprod-github-UploadRole-1X",
                     "x/goldsmith-deployer", "not-goldsmith-deployer", "goldsmith-deployer-too")
        found = {who for who in everybody if self.decides(who, action, resource, **keys) == "Allow"}
        self.assertEqual(found, set(allowed), (action, resource))

    def test_it_fits(self):
        # Organizations user guide, "Quotas and service limits": 5,120 characters.
        self.assertLessEqual(len(json.dumps(self.scp, separators=(",", ":"))), 5120)
        self.assertEqual({each["Effect"] for each in self.scp["Statement"]}, {"Deny"})

    def test_goldsmiths_tags_are_its_own(self):
        functions = ("goldsmith-nonprod-ReconcileRole-1X", "goldsmith-nonprod-ImageEventsRole-us-east-1")
        people = ("goldsmith-operator", "goldsmith-deployer")
        for action, resource in (("ec2:CreateTags", IMAGE), ("imagebuilder:TagResource", "*"), ("ec2:DeleteTags", SNAPSHOT)):
            self.assert_only((*functions, *people), action, resource, **{"aws:TagKeys": ["Name", "goldsmith:verdict"]})
        self.assertEqual(self.decides("admin", "ec2:CreateTags", IMAGE, **{"aws:TagKeys": ["Name"]}), "Allow")

    def test_its_images_are_changed_by_it_and_by_operators(self):
        pipeline = f"arn:aws:imagebuilder:us-east-1:{ACCOUNT}:image-pipeline/x"
        allowed = ("goldsmith-nonprod-ReconcileRole-1X", "goldsmith-nonprod-ImageEventsRole-us-east-1", "goldsmith-operator")
        for action, resource in (
            ("ec2:DeregisterImage", IMAGE), ("ec2:ModifyImageAttribute", IMAGE),
            ("imagebuilder:DeleteImagePipeline", pipeline), ("imagebuilder:UpdateImagePipeline", pipeline),
            ("imagebuilder:StartImagePipelineExecution", pipeline), ("imagebuilder:PutImagePolicy", pipeline),
        ):
            self.assert_only(allowed, action, resource, **OURS)
            self.assertEqual(self.decides("admin", action, resource), "Allow", action)

    def test_nobody_takes_a_key_away_or_makes_a_snapshot_public(self):
        for action in ("ScheduleKeyDeletion", "DisableKey", "DisableKeyRotation"):
            self.assert_only((), f"kms:{action}", KEY, **OURS)
            self.assertEqual(self.decides("admin", f"kms:{action}", KEY), "Allow")
        self.assert_only((), "ec2:ModifySnapshotAttribute", SNAPSHOT, **{"ec2:Add/group": "all"})
        self.assert_only((), "ec2:DisableImageBlockPublicAccess", "*")

    def test_key_policies_are_written_by_reconcile_and_who_deploys(self):
        self.assert_only(("goldsmith-nonprod-ReconcileRole-1X", "goldsmith-deployer"), "kms:PutKeyPolicy", KEY, **OURS)
        self.assertEqual(self.decides("admin", "kms:CreateGrant", KEY, **OURS), "Allow")

    def test_documents_are_written_by_uploaders(self):
        self.assert_only(("goldsmith-nonprod-github-UploadRole-1X", "goldsmith-operator"),
                         "s3:PutObject", f"{DOCUMENTS}/environment.json")

    def test_buckets_roles_and_functions_are_changed_by_who_deploys(self):
        function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:goldsmith-nonprod-reconcile"
        rule = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/goldsmith-nonprod-hourly"
        policy = f"arn:aws:iam::{ACCOUNT}:policy/goldsmith-nonprod-Boundary-1X"
        for action, resource in (
            ("iam:AttachRolePolicy", ROLE), ("iam:UpdateAssumeRolePolicy", ROLE), ("iam:CreateRole", ROLE),
            ("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/goldsmith-x-ReconcileRole-y"),
            ("iam:DeleteRolePermissionsBoundary", ROLE), ("iam:CreatePolicyVersion", policy),
        ):
            self.assert_only(("goldsmith-deployer",), action, resource)
        with_reconcile = ("goldsmith-deployer", "goldsmith-nonprod-ReconcileRole-1X")
        for action, resource in (
            ("lambda:UpdateFunctionCode", function), ("lambda:PutFunctionConcurrency", function),
            ("events:DisableRule", rule), ("s3:PutBucketPolicy", OUTPUT), ("s3:DeleteBucket", DOCUMENTS),
        ):
            self.assert_only(with_reconcile, action, resource)
        self.assertEqual(self.decides("admin", "lambda:InvokeFunction", function), "Allow")


if __name__ == "__main__":
    unittest.main()
