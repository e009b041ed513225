"""What the keys of infra/template.yaml let everybody do.

Run it with the Python of target/venv/stack: `make template` does.
"""

import unittest

from judge import ACCOUNT, Deployed, Judge, role

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
PUBLISHERS = (role("ReconcileRole"), role("ImageEventsRole"))
KEY, IMAGE_KEY = (f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{name}" for name in ("SigningKey", "ImageKey"))
# Whoever else there may be: the account's root, an administrator, a role with a likely name, the build
# instances, the other function, another account.
OTHERS = (
    ROOT,
    f"arn:aws:iam::{ACCOUNT}:user/administrator",
    *map(role, ("administrator", "goldsmith-nonprod-ReconcileRole-0", "path/ReconcileRole", "ReconcileRole2")),
    *map(role, ("BuildInstanceRole", "DistributionRole", "ScheduledBuildRole")),
    *(role(name, "222222222222") for name in ("administrator", "ReconcileRole")),
)


def template(**given):
    return Deployed("template.yaml", **given)


class SigningKey(unittest.TestCase):
    def setUp(self):
        self.resolved = template()
        self.key = self.resolved.resources["SigningKey"]
        self.policy = self.key["Properties"]["KeyPolicy"]
        self.judge = Judge(self.resolved)

    def says(self, principal, action):
        return self.judge.by_resource(self.policy, principal, f"kms:{action}", KEY)

    def test_it_signs_and_outlives_the_stack(self):
        properties = self.key["Properties"]
        self.assertEqual((properties["KeySpec"], properties["KeyUsage"]), ("ECC_NIST_P256", "SIGN_VERIFY"))
        self.assertEqual((self.key["DeletionPolicy"], self.key["UpdateReplacePolicy"]), ("Retain", "Retain"))
        # AWS does not rotate asymmetric keys: the property would fail the deployment.
        self.assertNotIn("EnableKeyRotation", properties)
        alias = template(Environment="prod").resources["SigningKeyAlias"]["Properties"]
        self.assertEqual(alias, {"AliasName": "alias/goldsmith-prod-signing", "TargetKeyId": "<SigningKey>"})

    def test_only_who_publishes_signs_whatever_other_policies_and_grants_allow(self):
        for each in OTHERS:
            self.assertEqual(self.says(each, "Sign"), "Deny", each)
        for name in ("ReconcileRole", "ImageEventsRole"):
            self.assertEqual(self.judge.together(name, self.policy, "kms:Sign", KEY), "Allow", name)

    def test_nobody_hands_the_right_to_sign_on(self):
        for each in (*OTHERS, *PUBLISHERS):
            self.assertEqual(self.says(each, "CreateGrant"), "Deny", each)

    def test_the_account_administers_and_reads_it(self):
        for action in ("GetPublicKey", "Verify", "DescribeKey", "PutKeyPolicy", "EnableKey"):
            self.assertEqual(self.says(ROOT, action), "Allow", action)
        for action in ("GetPublicKey", "Verify", "DescribeKey"):
            self.assertEqual(self.says("arn:aws:iam::222222222222:root", action), "ImplicitDeny", action)

    def test_a_role_that_publishes_signs_with_this_key_alone(self):
        for name in ("ReconcileRole", "ImageEventsRole"):
            for action, decision in ("Sign", "Allow"), ("GetPublicKey", "Allow"), ("PutKeyPolicy", "ImplicitDeny"):
                self.assertEqual(self.judge.by_role(name, f"kms:{action}", KEY), decision, action)
            self.assertEqual(self.judge.by_role(name, "kms:Sign", IMAGE_KEY), "ImplicitDeny")
        self.assertEqual(self.judge.by_role("ScheduledBuildRole", "kms:Sign", KEY), "ImplicitDeny")

    def test_the_functions_and_the_outputs_name_it(self):
        variables = self.resolved.value(self.resolved.template["Globals"])["Function"]["Environment"]["Variables"]
        self.assertEqual(variables["SIGNING_KEY"], KEY)
        self.assertEqual(self.resolved.outputs["SigningKeyArn"]["Value"], KEY)


if __name__ == "__main__":
    unittest.main()
