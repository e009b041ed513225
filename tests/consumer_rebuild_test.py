"""What must hold for infra/consumer-rebuild.yaml: who builds here, and that nothing else is in reach.

Run it with the Python of target/venv/stack: `make template` does.
"""

import unittest

from resolved import Resolved, listed

CONSUMER = "222222222222"
BUILDING = "111122223333"


def resolved(**given):
    return Resolved("consumer-rebuild.yaml", account=CONSUMER, **{"BuildingAccount": BUILDING} | given)


class Rebuild(unittest.TestCase):
    def setUp(self):
        self.resources = resolved().resources
        self.statements = {each["Sid"]: each for each in resolved().statements("RebuildRole")}

    def test_only_reconcile_of_the_building_account_comes_in(self):
        for given, stack in ({}, "goldsmith-nonprod"), ({"BuildingStack": "images"}, "images"):
            (trust,) = resolved(**given).resources["RebuildRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
            self.assertEqual(trust["Principal"], {"AWS": f"arn:aws:iam::{BUILDING}:root"})
            self.assertEqual(trust["Condition"], {
                "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{BUILDING}:role/{stack}-ReconcileRole-*"},
            })

    def test_it_makes_and_deletes_only_what_is_named_as_a_rebuild_of_the_environment(self):
        self.assertEqual(self.statements.keys(), {"Build", "Look", "LookAtProfile", "StartInstances", "FirstImage"})
        for arn in listed(self.statements["Build"]["Resource"]):
            self.assertRegex(arn, rf"^arn:aws:imagebuilder:\*:{CONSUMER}:[a-z-]+/\*-nonprod-\*-rebuild-\*$")
        for action in listed(self.statements["Look"]["Action"]):
            self.assertRegex(action, "^(imagebuilder:List|ec2:Describe)")

    def test_the_only_role_it_passes_on_is_the_build_instances(self):
        passing = self.statements["StartInstances"]
        self.assertEqual((passing["Action"], passing["Resource"]), ("iam:PassRole", "<InstanceRole.Arn>"))
        self.assertEqual(self.resources["InstanceProfile"]["Properties"]["Roles"], ["<InstanceRole>"])

    def test_the_build_instance_is_that_of_the_building_side(self):
        there = Resolved("template.yaml").resources["BuildInstanceRole"]["Properties"]
        here = self.resources["InstanceRole"]["Properties"]
        # What it may do: tests/build_instance_test.py.
        self.assertEqual(here["AssumeRolePolicyDocument"], there["AssumeRolePolicyDocument"])

    def test_the_names_are_those_that_the_documents_expect(self):
        self.assertEqual(self.resources["RebuildRole"]["Properties"]["RoleName"], "goldsmith-nonprod-rebuild")
        self.assertEqual(
            self.resources["InstanceProfile"]["Properties"]["InstanceProfileName"], "goldsmith-nonprod-rebuild"
        )


if __name__ == "__main__":
    unittest.main()
