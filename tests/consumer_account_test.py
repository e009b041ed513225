"""What must hold for infra/consumer-account.yaml: who may come in from outside, and what they may do.

Run it with the Python of target/venv/stack: `make template` does.
"""

import json
import unittest

from resolved import Resolved, listed

BUILDING = "111122223333"
CONSUMER = "222222222222"
KEYS = [
    f"arn:aws:kms:us-east-1:{BUILDING}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    f"arn:aws:kms:eu-west-1:{BUILDING}:key/mrk-1234abcd12ab34cd56ef1234567890ab",
]
OWN = f"arn:aws:kms:us-east-1:{CONSUMER}:key/0987dcba-09fe-87dc-65ba-ab0987654321"
SCALING = f"arn:aws:iam::{CONSUMER}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
VERIFIER = f"arn:aws:iam::{BUILDING}:role/deploy/goldsmith-verify"
SUBNETS = ["subnet-0a1b2c3d", "subnet-0a1b2c3d4e5f60718"]
EVERYTHING = {
    "LaunchRoleName": "launch", "AutoScaling": "true", "OwnKeyArns": OWN, "CopyRole": "make",
    "LifecycleRole": "make", "WriteParameters": "true", "VerifierArns": VERIFIER,
    "VerifySubnetIds": ",".join(SUBNETS), "VerifyInstanceTypes": "m6i.large,m7g.large",
}
OURS = {"DistributionRole", "CrossAccountLifecycleRole", "ParametersRole", "GrantAdminRole", "VerifyRole"}
VIA_EC2 = {"StringLike": {"kms:ViaService": ["ec2.*.amazonaws.com", "ec2.*.amazonaws.com.cn"]}}

# What the Image Builder user guide (cross-account-dist) lets the distribution role do with keys.
DISTRIBUTION = {
    "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey",
    "kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant",
}
# What the EBS user guide (share-kms-key) asks of whoever uses a shared encrypted snapshot.
LAUNCH = {
    "kms:DescribeKey", "kms:CreateGrant", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncrypt*", "kms:Decrypt",
}
GRANTED = [
    "Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext", "DescribeKey", "CreateGrant",
]


def consumer(**given):
    given = {"BuildingAccount": BUILDING, "KeyArns": ",".join(KEYS)} | given
    return Resolved("consumer-account.yaml", account=CONSUMER, **given)


def further(environment):
    return f"arn:aws:iam::{BUILDING}:role/goldsmith-{environment}-DistributionRole-*"


def with_policies(resolved):
    return [name for name in resolved.resources if list(resolved.statements(name))]


class Parameters(unittest.TestCase):
    def test_what_is_not_asked_for_is_not_made(self):
        self.assertEqual(consumer().resources.keys(), set())
        # Subnets, types and further roles are no switches.
        details = {"VerifySubnetIds": SUBNETS[0], "VerifyInstanceTypes": "m6i.large"}
        self.assertEqual(consumer(**details, FurtherDistributionRoles=further("prod")).resources.keys(), set())

    def test_each_role_has_its_own_switch(self):
        switches = [
            ({"CopyRole": "make"}, {"DistributionRole", "DistributionKeys"}),
            ({"CopyRole": "exist"}, {"DistributionKeys"}),
            ({"LifecycleRole": "make"}, {"CrossAccountLifecycleRole"}),
            ({"LaunchRoleName": "launch"}, {"LaunchKeys"}),
            ({"WriteParameters": "true"}, {"ParametersRole"}),
            ({"AutoScaling": "true"}, {"GrantAdminRole", "GrantAdminLogs", "GrantAdmin", "AutoScalingGrants"}),
            ({"VerifierArns": VERIFIER}, {"VerifyRole"}),
        ]
        for given, made in switches:
            self.assertEqual(consumer(**given).resources.keys(), made, given)
        every = set().union(*(made for _, made in switches))
        self.assertEqual(consumer(**EVERYTHING).resources.keys(), every)

    def test_a_second_environment_adds_its_keys_to_the_roles_that_exist(self):
        resolved = consumer(CopyRole="exist", Environment="prod")
        policy = resolved.resources["DistributionKeys"]["Properties"]
        self.assertEqual(policy["Roles"], ["EC2ImageBuilderDistributionCrossAccountRole"])
        self.assertEqual(policy["PolicyName"], "goldsmith-prod-keys")

    def test_only_keys_of_one_account_are_keys(self):
        for bad in ("*", f"{KEYS[0]},*", f"arn:aws:kms:us-east-1:{BUILDING}:key/*", "alias/x",
                    f"arn:aws:kms:us-east-1:{BUILDING}:alias/goldsmith-nonprod", ""):
            with self.assertRaises(AssertionError, msg=bad):
                consumer(KeyArns=bad)
        with self.assertRaises(AssertionError):
            consumer(OwnKeyArns="*")

    def test_no_name_can_be_a_pattern(self):
        for name, value in (
            ("BuildingAccount", "*"), ("BuildingStack", "gold*"), ("LaunchRoleName", "*"), ("Environment", "*"),
            ("GranteeRoleArn", "*"), ("GranteeRoleArn", f"arn:aws:iam::{CONSUMER}:role/admin"),
            ("GranteeRoleArn", f"arn:aws:iam::{CONSUMER}:role/aws-service-role/*"),
            ("VerifierArns", "*"), ("VerifierArns", f"arn:aws:iam::{BUILDING}:role/*"),
            ("VerifierArns", f"arn:aws:iam::{BUILDING}:root"), ("VerifierArns", "arn:aws:iam::*:role/verify"),
            ("VerifierArns", f"{VERIFIER},*"), ("VerifierArns", f"arn:aws:iam::{BUILDING}:role/*-ReconcileRole-*"),
            ("VerifierArns", f"arn:aws:iam::{BUILDING}:role/goldsmith-nonprod-*"), ("VerifierArns", f"{VERIFIER}*"), ("VerifierArns", BUILDING),
            ("VerifySubnetIds", "*"), ("VerifySubnetIds", f"{SUBNETS[0]},subnet-*"), ("VerifySubnetIds", "vpc-0a1b2c3d"),
            ("VerifyInstanceTypes", "*"), ("VerifyInstanceTypes", "m6i.*"), ("VerifyInstanceTypes", ""),
            ("FurtherDistributionRoles", "*"), ("FurtherDistributionRoles", f"arn:aws:iam::{BUILDING}:role/*"),
            ("FurtherDistributionRoles", f"arn:aws:iam::{BUILDING}:role/*-DistributionRole-*"),
        ):
            with self.assertRaises(AssertionError, msg=f"{name}={value}"):
                consumer(**{name: value})


class Trust(unittest.TestCase):
    def setUp(self):
        self.resolved = consumer(**EVERYTHING)

    def test_every_role_is_looked_at_here(self):
        roles = {name for name, each in self.resolved.resources.items() if each["Type"] == "AWS::IAM::Role"}
        self.assertEqual(roles, OURS)

    def test_from_outside_only_the_building_account_comes_in(self):
        root = {"AWS": f"arn:aws:iam::{BUILDING}:root"}
        for role in ("DistributionRole", "ParametersRole", "VerifyRole"):
            trust = self.resolved.trust(role)
            self.assertEqual((trust["Effect"], trust["Action"], trust["Principal"]), ("Allow", "sts:AssumeRole", root))
            # And of it nobody who is not named.
            self.assertEqual(trust["Condition"].keys(), {"ArnLike"}, role)
            self.assertEqual(trust["Condition"]["ArnLike"].keys(), {"aws:PrincipalArn"}, role)

    def test_copies_are_made_with_the_credentials_of_the_distribution_role(self):
        def arns(**given):
            trust = consumer(CopyRole="make", **given).trust("DistributionRole")
            return trust["Condition"]["ArnLike"]["aws:PrincipalArn"]

        self.assertEqual(arns(), [further("nonprod")])
        self.assertEqual(arns(BuildingStack="images"), [f"arn:aws:iam::{BUILDING}:role/images-DistributionRole-*"])
        self.assertEqual(arns(FurtherDistributionRoles=further("prod")), [further("nonprod"), further("prod")])
        template = Resolved("template.yaml").template["Resources"]["DistributionRole"]
        self.assertEqual(template["Type"], "AWS::IAM::Role")
        self.assertNotIn("RoleName", template["Properties"])

    def test_those_who_verify_are_named(self):
        sso = f"arn:aws:iam::{BUILDING}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Verify_*"
        function = f"arn:aws:iam::{BUILDING}:role/goldsmith-nonprod-ReconcileRole-*"
        for given in ([VERIFIER], [VERIFIER, sso], [VERIFIER, function]):
            trust = consumer(VerifierArns=",".join(given)).trust("VerifyRole")
            self.assertEqual(trust["Condition"], {"ArnLike": {"aws:PrincipalArn": given}})

    def test_parameters_are_written_by_the_two_functions_that_publish(self):
        def arns(**given):
            return consumer(WriteParameters="true", **given).trust("ParametersRole")["Condition"]

        role = f"arn:aws:iam::{BUILDING}:role"
        self.assertEqual(arns(Environment="prod"), {"ArnLike": {"aws:PrincipalArn": [
            f"{role}/goldsmith-prod-ReconcileRole-*", f"{role}/goldsmith-prod-ImageEventsRole-*",
        ]}})
        self.assertEqual(arns(BuildingStack="images")["ArnLike"]["aws:PrincipalArn"], [
            f"{role}/images-ReconcileRole-*", f"{role}/images-ImageEventsRole-*",
        ])

    def test_those_functions_have_roles_of_these_names(self):
        template = Resolved("template.yaml").template["Resources"]
        for name in ("ReconcileRole", "ImageEventsRole"):
            self.assertEqual(template[name]["Type"], "AWS::IAM::Role")
            self.assertNotIn("RoleName", template[name]["Properties"])

    def test_image_builder_comes_in_for_the_building_accounts_images_alone(self):
        trust = self.resolved.trust("CrossAccountLifecycleRole")
        self.assertEqual(trust["Principal"], {"Service": "imagebuilder.amazonaws.com"})
        self.assertEqual(trust["Condition"], {
            "StringEquals": {"aws:SourceAccount": BUILDING},
            "ArnLike": {"aws:SourceArn": f"arn:aws:imagebuilder:*:{BUILDING}:image/*/*/*"},
        })

    def test_the_grant_admin_is_our_function(self):
        self.assertEqual(self.resolved.trust("GrantAdminRole"), {
            "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": CONSUMER}},
        })

    def test_names_are_the_ones_that_others_go_by(self):
        names = {name: self.resolved.resources[name]["Properties"]["RoleName"] for name in OURS}
        self.assertEqual(names, {
            "DistributionRole": "EC2ImageBuilderDistributionCrossAccountRole",
            "CrossAccountLifecycleRole": "Ec2ImageBuilderCrossAccountLifecycleAccess",
            "ParametersRole": "goldsmith-nonprod-parameters",
            "GrantAdminRole": "goldsmith-nonprod-grant-admin",
            "VerifyRole": "goldsmith-nonprod-verify",
        })


class Rights(unittest.TestCase):
    def setUp(self):
        self.resolved = consumer(**EVERYTHING)

    def of_action(self, name, action):
        return [each for each in self.resolved.statements(name) if action in listed(each["Action"])]

    def test_only_what_takes_no_resource_has_none(self):
        anywhere = ("ec2:Describe", "ssm:DescribeParameters")
        for name in with_policies(self.resolved):
            for statement in self.resolved.statements(name):
                if "*" in listed(statement["Resource"]):
                    actions = listed(statement["Action"])
                    self.assertTrue(all(each.startswith(anywhere) for each in actions), (name, actions))

    def test_no_action_is_a_whole_service(self):
        for name in with_policies(self.resolved):
            for action in self.resolved.actions(name):
                self.assertNotRegex(action, r"^\*$|:\*$", name)

    def test_nothing_passes_or_changes_a_role(self):
        for name in with_policies(self.resolved):
            changes = [
                each
                for each in self.resolved.actions(name)
                if each.startswith(("iam:", "sts:")) and each != "iam:SimulatePrincipalPolicy"
            ]
            self.assertEqual(changes, [], name)

    def test_the_one_managed_policy_is_the_one_for_lifecycles(self):
        attached = {
            name: each["Properties"]["ManagedPolicyArns"]
            for name, each in self.resolved.resources.items()
            if "ManagedPolicyArns" in each["Properties"]
        }
        self.assertEqual(attached, {
            "CrossAccountLifecycleRole": ["arn:aws:iam::aws:policy/service-role/EC2ImageBuilderLifecycleExecutionPolicy"],
        })

    def test_keys_are_those_named(self):
        for given, keys in ((EVERYTHING, [*KEYS, OWN]), (EVERYTHING | {"OwnKeyArns": ""}, KEYS)):
            resolved = consumer(**given)
            for name in ("DistributionKeys", "LaunchKeys", "GrantAdminRole"):
                for statement in resolved.statements(name):
                    if any(each.startswith("kms:") for each in listed(statement["Action"])):
                        self.assertEqual(statement["Resource"], keys, name)

    def test_what_distributes_and_what_launches_does_what_aws_asks_for(self):
        self.assertEqual(self.resolved.actions("DistributionKeys"), DISTRIBUTION)
        self.assertEqual(self.resolved.actions("LaunchKeys"), LAUNCH)
        self.assertEqual(self.resolved.resources["LaunchKeys"]["Properties"]["Roles"], ["launch"])

    def test_they_grant_to_services_of_aws_alone(self):
        for name in ("DistributionKeys", "LaunchKeys"):
            (statement,) = self.of_action(name, "kms:CreateGrant")
            self.assertEqual(statement["Condition"]["Bool"], {"kms:GrantIsForAWSResource": "true"})

    def test_whoever_distributes_uses_keys_through_ec2_alone(self):
        for statement in self.resolved.statements("DistributionKeys"):
            self.assertLessEqual(VIA_EC2.keys(), statement["Condition"].keys())
            self.assertEqual(statement["Condition"]["StringLike"], VIA_EC2["StringLike"])

    def test_copies_are_of_images_of_the_building_account(self):
        # The managed policy that the user guide attaches has these actions, on everything.
        self.assertEqual(self.resolved.actions("DistributionRole"), {
            "ec2:DescribeImages", "ec2:CopyImage", "ec2:CreateTags", "ec2:ModifyImageAttribute",
        })
        (allow, deny) = self.of_action("DistributionRole", "ec2:CopyImage")
        self.assertEqual((allow["Effect"], deny["Effect"]), ("Allow", "Deny"))
        self.assertEqual(deny["Resource"], "arn:aws:ec2:*::image/*")
        self.assertEqual(deny["Condition"], {
            "StringNotEquals": {"ec2:Owner": [BUILDING, CONSUMER]},
            # A copy that is not there yet has no owner.
            "Null": {"ec2:Owner": "false"},
        })
        (share,) = self.of_action("DistributionRole", "ec2:ModifyImageAttribute")
        self.assertEqual(share["Condition"], {"StringEquals": {"aws:ResourceTag/CreatedBy": "EC2 Image Builder"}})

    def test_the_grant_admin_grants_these_operations_to_this_role_and_no_more(self):
        for given, grantee in (({}, SCALING), ({"GranteeRoleArn": f"{SCALING}_prod"}, f"{SCALING}_prod")):
            resolved = consumer(**EVERYTHING, **given)
            self.assertEqual(resolved.actions("GrantAdminRole") - {"logs:CreateLogStream", "logs:PutLogEvents"},
                             {"kms:CreateGrant"})
            (statement,) = [each for each in resolved.statements("GrantAdminRole") if "Condition" in each]
            self.assertEqual(statement["Condition"], {
                "StringEquals": {"kms:GranteePrincipal": grantee},
                "ForAllValues:StringEquals": {"kms:GrantOperations": GRANTED},
                "Null": {"kms:GrantOperations": "false"},
            })
            self.assertEqual(resolved.resources["AutoScalingGrants"]["Properties"]["Grantee"], grantee)

    def test_parameters_are_those_of_the_environment(self):
        self.assertEqual(list(self.resolved.statements("ParametersRole")), [{
            "Effect": "Allow", "Action": ["ssm:GetParameter", "ssm:PutParameter"],
            "Resource": f"arn:aws:ssm:*:{CONSUMER}:parameter/goldsmith/nonprod/*",
        }])

    def changes_of_those_who_verify(self, **given):
        actions = consumer(**EVERYTHING | given).actions("VerifyRole")
        return {each for each in actions if not each.split(":")[1].startswith(("Get", "Describe", "Simulate"))}

    def test_whoever_verifies_changes_nothing_but_may_launch_where_it_is_allowed(self):
        self.assertEqual(self.changes_of_those_who_verify(VerifySubnetIds=""), set())
        self.assertEqual(self.changes_of_those_who_verify(), {"ec2:RunInstances"})

    def test_whoever_verifies_asks_only_of_this_accounts_roles(self):
        asked = [each["Resource"] for each in self.of_action("VerifyRole", "iam:SimulatePrincipalPolicy")]
        self.assertEqual(asked, [f"arn:aws:iam::{CONSUMER}:role/*"])

    def test_a_launch_needs_one_of_these_images_types_and_subnets(self):
        launches = [
            (each["Resource"], each.get("Condition", {}).get("StringEquals"))
            for each in self.of_action("VerifyRole", "ec2:RunInstances")
        ]
        self.assertEqual(launches, [
            ("arn:aws:ec2:*::image/*", {"ec2:Owner": [BUILDING, CONSUMER]}),
            (f"arn:aws:ec2:*:{CONSUMER}:instance/*", {"ec2:InstanceType": ["m6i.large", "m7g.large"]}),
            ("arn:aws:ec2:*:*:subnet/*", {"ec2:SubnetID": SUBNETS}),
            ([
                f"arn:aws:ec2:*:{CONSUMER}:network-interface/*", f"arn:aws:ec2:*:{CONSUMER}:volume/*",
                "arn:aws:ec2:*:*:security-group/*",
            ], None),
        ])

    def test_everything_is_in_the_partition_of_the_region(self):
        keys = KEYS[0].replace("arn:aws:", "arn:aws-us-gov:")
        given = EVERYTHING | {"OwnKeyArns": "", "VerifierArns": VERIFIER.replace("arn:aws:", "arn:aws-us-gov:")}
        resolved = consumer(partition="aws-us-gov", **given | {"KeyArns": keys})
        self.assertNotIn("arn:aws:", json.dumps([resolved.resources, resolved.outputs]))


if __name__ == "__main__":
    unittest.main()
