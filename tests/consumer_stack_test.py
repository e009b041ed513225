"""That infra/consumer-account.yaml and infra/region.yaml can be deployed, changed and deleted, on ministack.

The function runs there as Lambda runs it and answers CloudFormation itself. ministack knows no other
account's keys: the keys are the consumer's own. Run it with the Python of target/venv/stack:
`make template` does.
"""

import unittest

from embedded import Ministack, Stack

CONSUMER, BUILDING = "222222222222", "111122223333"
ROLES = f"arn:aws:iam::{BUILDING}:role"
VERIFIER = f"{ROLES}/goldsmith-verify"
STACK = "goldsmith-consumer-nonprod"


class Deployed(unittest.TestCase):
    def setUp(self):
        self.aws = self.enterContext(Ministack())

    def grants(self, key):
        """Who got how many operations on the key."""
        kms = self.aws.client("kms", CONSUMER, region=key.split(":")[3])
        return [(each["GranteePrincipal"].split("/")[-1], len(each["Operations"]))
                for each in kms.list_grants(KeyId=key)["Grants"]]

    def test_a_consumers_stack_comes_changes_and_goes(self):
        east, west = [
            self.aws.client("kms", CONSUMER, region=region).create_key()["KeyMetadata"]["Arn"]
            for region in ("us-east-1", "eu-west-1")
        ]
        iam = self.aws.client("iam", CONSUMER)
        iam.create_role(RoleName="launch", AssumeRolePolicyDocument="{}")
        stack = Stack(self.aws.client("cloudformation", CONSUMER), STACK, "consumer-account.yaml")
        given = {
            "BuildingAccount": BUILDING, "LaunchRoleName": "launch", "AutoScaling": "true", "CopyRole": "make",
            "WriteParameters": "true", "VerifierArns": VERIFIER, "VerifySubnetIds": "subnet-0a1b2c3d",
        }

        outputs = stack.deploy("create", KeyArns=east, **given)
        self.assertEqual(outputs["GrantAdminRole"], f"arn:aws:iam::{CONSUMER}:role/goldsmith-nonprod-grant-admin")
        auto_scaling = ("AWSServiceRoleForAutoScaling", 8)
        self.assertEqual((self.grants(east), self.grants(west)), ([auto_scaling], []))
        policy = iam.get_role_policy(RoleName="launch", PolicyName="goldsmith-nonprod-keys")["PolicyDocument"]
        self.assertEqual([each["Resource"] for each in policy["Statement"]], [[east], [east]])

        for role, comes_in in (
            ("goldsmith-nonprod-verify", [VERIFIER]),
            ("EC2ImageBuilderDistributionCrossAccountRole", [f"{ROLES}/goldsmith-nonprod-DistributionRole-*"]),
            ("goldsmith-nonprod-parameters",
             [f"{ROLES}/goldsmith-nonprod-{each}-*" for each in ("ReconcileRole", "ImageEventsRole")]),
        ):
            (trust,) = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"]
            self.assertEqual(trust["Condition"], {"ArnLike": {"aws:PrincipalArn": comes_in}}, role)

        stack.deploy("update", KeyArns=f"{east},{west}", **given)
        self.assertEqual((self.grants(east), self.grants(west)), ([auto_scaling], [auto_scaling]))

        stack.delete()
        self.assertEqual((self.grants(east), self.grants(west)), ([], []))

    def test_a_stack_that_asks_for_nothing_lets_nobody_in(self):
        stack = Stack(self.aws.client("cloudformation", CONSUMER), STACK, "consumer-account.yaml")
        key = self.aws.client("kms", CONSUMER).create_key()["KeyMetadata"]["Arn"]
        self.assertEqual(stack.deploy("create", BuildingAccount=BUILDING, KeyArns=key), {})
        self.assertEqual(self.aws.client("iam", CONSUMER).list_roles()["Roles"], [])

    def test_a_further_region_gets_its_key(self):
        stack = Stack(
            self.aws.client("cloudformation", BUILDING, "eu-west-1"), "goldsmith-nonprod-region", "region.yaml"
        )
        key = stack.deploy("create")["KeyArn"]
        self.assertTrue(key.startswith(f"arn:aws:kms:eu-west-1:{BUILDING}:key/"), key)
        kms = self.aws.client("kms", BUILDING, "eu-west-1")
        self.assertEqual(kms.describe_key(KeyId="alias/goldsmith-nonprod")["KeyMetadata"]["Arn"], key)


if __name__ == "__main__":
    unittest.main()
