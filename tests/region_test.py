"""What must hold for infra/region.yaml: its key opens to whom the key of the stack's Region opens.

Run it with the Python of target/venv/stack: `make template` does.
"""

import unittest

from resolved import Resolved

PRIMARY = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
BOTH = {"RegionKey": {}, "RegionReplica": {"PrimaryKeyArn": PRIMARY}}


def region(**given):
    return Resolved("region.yaml", **given)


class Region(unittest.TestCase):
    def test_it_is_a_key_of_its_own_or_a_replica(self):
        for name, given in BOTH.items():
            resolved = region(**given)
            self.assertEqual(resolved.resources.keys(), {name, "RegionAlias"})
            self.assertEqual(resolved.resources["RegionAlias"]["Properties"], {
                "AliasName": "alias/goldsmith-nonprod", "TargetKeyId": f"<{name}>",
            })
            self.assertEqual(resolved.outputs["KeyArn"]["Value"], f"<{name}.Arn>")
        self.assertEqual(
            region(PrimaryKeyArn=PRIMARY).resources["RegionReplica"]["Properties"]["PrimaryKeyArn"], PRIMARY
        )

    def test_the_policy_is_that_of_the_stacks_own_key(self):
        template = Resolved("template.yaml").resources["ImageKey"]["Properties"]["KeyPolicy"]
        self.assertEqual(len(template["Statement"]), 3)
        for name, given in BOTH.items():
            self.assertEqual(region(**given).resources[name]["Properties"]["KeyPolicy"], template)

    def test_nobody_else_comes_in(self):
        for name, given in BOTH.items():
            for statement in region(**given).resources[name]["Properties"]["KeyPolicy"]["Statement"]:
                self.assertEqual(statement["Principal"], {"AWS": "arn:aws:iam::111122223333:root"})
                self.assertTrue(statement["Action"] != "kms:*" or statement["Sid"] == "AccountAdministers")

    def test_the_key_outlives_the_stack(self):
        for name, given in BOTH.items():
            key = region(**given).resources[name]
            self.assertEqual((key["DeletionPolicy"], key["UpdateReplacePolicy"]), ("Retain", "Retain"))

    def test_it_belongs_to_the_environment(self):
        for name, given in BOTH.items():
            tags = region(Environment="prod", **given).resources[name]["Properties"]["Tags"]
            self.assertEqual(tags, [{"Key": "goldsmith:environment", "Value": "prod"}])

    def test_a_key_of_its_own_rotates(self):
        self.assertIs(region().resources["RegionKey"]["Properties"]["EnableKeyRotation"], True)

    def test_only_a_multi_region_key_has_replicas(self):
        for bad in ("alias/x", PRIMARY.replace("mrk-1234abcd12ab34cd56ef1234567890ab", "1234abcd-12ab-34cd-56ef-1234567890ab")):
            with self.assertRaises(AssertionError, msg=bad):
                region(PrimaryKeyArn=bad)

    def test_it_can_stand_in_any_partition(self):
        resolved = region(partition="aws-cn")
        self.assertNotIn("arn:aws:", str(resolved.resources))


if __name__ == "__main__":
    unittest.main()
