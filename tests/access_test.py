"""What the roles of infra/template.yaml and infra/github-oidc.yaml may do, and above all what they may not.

Run it with the Python of target/venv/stack: `make template` does.
"""

import json
import unittest

from judge import ACCOUNT, Deployed, Judge

ENVIRONMENT = "goldsmith:environment"
SSM = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter"
BUILDER = f"arn:aws:imagebuilder:us-east-1:{ACCOUNT}"
OWNED, ASKED = f"aws:ResourceTag/{ENVIRONMENT}", f"aws:RequestTag/{ENVIRONMENT}"
READS = ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory")


def stack(**given):
    return Judge(Deployed("template.yaml", **given))


def github(**given):
    return Judge(Deployed("github-oidc.yaml", Owner="octo", Repository="images", **given))


def readers(**given):
    """Whoever resolves what a document names, with what the stack and its GitHub roles are given."""
    return (stack(**given), "ReconcileRole"), (github(**given), "PlanRole")


class InstanceProfiles(unittest.TestCase):
    """R62: a profile of one's own is used if its role is given to the stack, and no other role is passed."""

    BUILDERS = f"arn:aws:iam::{ACCOUNT}:role/builders"
    TO_EC2 = {"iam:PassedToService": "ec2.amazonaws.com"}

    def passes(self, role, *, given="", **context):
        judge = stack(InstanceRoleArns=given) if given else stack()
        return judge.by_role("ReconcileRole", "iam:PassRole", role, **(context or self.TO_EC2))

    def test_a_role_is_passed_to_instances_if_the_stack_was_given_it(self):
        both = f"{self.BUILDERS},arn:aws:iam::{ACCOUNT}:role/path/others"
        self.assertEqual(self.passes(self.BUILDERS), "ImplicitDeny")
        self.assertEqual(self.passes(self.BUILDERS, given=both), "Allow")
        self.assertEqual(self.passes(f"arn:aws:iam::{ACCOUNT}:role/path/others", given=both), "Allow")

    def test_no_other_role_is_passed_and_none_to_another_service(self):
        self.assertEqual(self.passes(f"arn:aws:iam::{ACCOUNT}:role/admin", given=self.BUILDERS), "ImplicitDeny")
        to_lambda = {"iam:PassedToService": "lambda.amazonaws.com"}
        self.assertEqual(self.passes(self.BUILDERS, given=self.BUILDERS, **to_lambda), "Deny", "the boundary")

    def test_which_role_a_profile_has_may_be_read(self):
        profile = f"arn:aws:iam::{ACCOUNT}:instance-profile/golden"
        self.assertEqual(stack().by_role("ReconcileRole", "iam:GetInstanceProfile", profile), "Allow")


class Labels(unittest.TestCase):
    """What Image Builder made of this environment is labelled, and nothing else is."""

    IMAGE, SNAPSHOT = "arn:aws:ec2:eu-west-1::image/ami-1", "arn:aws:ec2:eu-west-1::snapshot/snap-1"

    @staticmethod
    def tags(environment="nonprod", made_by="EC2 Image Builder"):
        return {
            "aws:ResourceTag/CreatedBy": made_by,
            "aws:ResourceTag/Ec2ImageBuilderArn": f"{BUILDER}:image/mstr-{environment}-110304/1.0.0/1",
        }

    def decided(self, action, resource, **context):
        return stack().by_role("ReconcileRole", action, resource, **context)

    def test_an_image_of_the_environment_is_labelled_and_deprecated(self):
        for action in ("ec2:CreateTags", "ec2:EnableImageDeprecation"):
            self.assertEqual(self.decided(action, self.IMAGE, **self.tags()), "Allow", action)
            self.assertEqual(self.decided(action, self.IMAGE, **self.tags("prod")), "ImplicitDeny", action)
            self.assertEqual(self.decided(action, self.IMAGE, **self.tags(made_by="me")), "ImplicitDeny", action)

    def test_no_label_makes_something_another_environments(self):
        for resource in (self.IMAGE, self.SNAPSHOT):
            for environment, decision in (("nonprod", "Allow"), ("prod", "ImplicitDeny")):
                asked = {ASKED: environment}
                self.assertEqual(self.decided("ec2:CreateTags", resource, **self.tags(), **asked), decision)


class KeptInstances(unittest.TestCase):
    INSTANCE = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"

    def decided(self, action, tags, **context):
        return stack().by_role("ReconcileRole", action, self.INSTANCE, **tags, **context)

    def test_one_of_a_build_of_the_environment_is_ended(self):
        ends = "ec2:TerminateInstances"
        self.assertEqual(self.decided(ends, Labels.tags()), "Allow")
        self.assertEqual(self.decided(ends, Labels.tags("prod")), "ImplicitDeny")
        self.assertEqual(self.decided(ends, Labels.tags(made_by="me")), "ImplicitDeny")
        self.assertEqual(self.decided(ends, {}), "ImplicitDeny")

    def test_it_gets_the_day_of_its_end_and_no_other_tag(self):
        for keys, decision in ((["expiry_date"], "Allow"), (["expiry_date", "CreatedBy"], "ImplicitDeny")):
            asked = {"aws:TagKeys": keys}
            self.assertEqual(self.decided("ec2:CreateTags", Labels.tags(), **asked), decision, keys)


class Parameters(unittest.TestCase):
    def test_those_below_the_prefix_are_read_and_amazons_public_ones(self):
        for judge, role in readers():
            for name in (f"{SSM}/goldsmith/base", f"{SSM}/goldsmith/nonprod/110304",
                         "arn:aws:ssm:us-east-1::parameter/aws/service/ami-amazon-linux-latest/x"):
                self.assertEqual(judge.by_role(role, "ssm:GetParameters", name), "Allow", (role, name))

    def test_no_other_is_read_by_any_call(self):
        hidden = (
            "/prod/db/password", "/", "/goldsmith", "/goldsmithsecret", "/Goldsmith/x", "secret", "goldsmith",
            "/aws/reference/secretsmanager/db", "/aws/service/mine", "/x/goldsmith/y", "/x/aws/service/y",
        )
        for judge, role in readers():
            for name in hidden:
                arn = f"{SSM}{name}" if name.startswith("/") else f"{SSM}/{name}"
                for action in READS:
                    self.assertEqual(judge.by_role(role, action, arn), "Deny", (role, action, name))

    def test_no_secret_is_decrypted(self):
        via = {"kms:ViaService": "ssm.us-east-1.amazonaws.com"}
        for judge, role in readers():
            for key in ("ImageKey", "TopicKey", "the-accounts-default-key"):
                arn = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{key}"
                self.assertEqual(judge.by_role(role, "kms:Decrypt", arn, **via), "Deny", (role, key))
            for action in ("secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"):
                secret = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db"
                self.assertEqual(judge.by_role(role, action, secret), "Deny", role)

    def test_another_prefix_takes_the_place_of_the_default_and_published_ones_stay_readable(self):
        for judge, role in readers(ParameterPrefix="/images/base/"):
            decisions = {
                name: judge.by_role(role, "ssm:GetParameters", f"{SSM}{name}")
                for name in ("/images/base/x", "/goldsmith/nonprod/110304", "/goldsmith/base", "/images/other")
            }
            self.assertEqual(list(decisions.values()), ["Allow", "Allow", "Deny", "Deny"], role)

    def test_a_prefix_is_a_path_without_wildcards_and_never_amazons_own(self):
        bad = ("", "/", "goldsmith/", "/goldsmith", "/*/", "/a?/", "//", "/a//b/", "/aws/", "/aws/reference/", "/${x}/",
               "/ssm/", "/AWS/reference/", "/awsome/", "/Ssmx/")
        for judge in (stack, github):
            for prefix in bad:
                with self.assertRaises(AssertionError, msg=prefix):
                    judge(ParameterPrefix=prefix)
            judge(ParameterPrefix="/team-a/base_images/v1.2/")

    def test_the_functions_know_the_prefix(self):
        resolved = Deployed("template.yaml", ParameterPrefix="/images/")
        variables = resolved.value(resolved.template["Globals"])["Function"]["Environment"]["Variables"]
        self.assertEqual(variables["PARAMETER_PREFIX"], "/images/")


class OtherEnvironments(unittest.TestCase):
    """In one account, prod's things carry prod's tag, and nonprod's roles leave them alone."""

    def setUp(self):
        self.judge = stack()
        self.resources = self.judge.resolved.resources

    def roles(self):
        return [name for name, each in self.resources.items() if each["Type"] == "AWS::IAM::Role"]

    def may(self, role, action, resource, **keys):
        return self.judge.by_role(role, action, resource, **keys) == "Allow"

    def test_no_role_changes_what_carries_another_environments_tag(self):
        changes = [
            ("imagebuilder:" + each, f"{BUILDER}:{kind}/x")
            for each in ("TagResource", "UntagResource", "UpdateImagePipeline", "StartImagePipelineExecution",
                         "RetryImage", "DeleteDistributionConfiguration", "UpdateInfrastructureConfiguration",
                         "UpdateDistributionConfiguration", "DistributeImage")
            for kind in ("image-pipeline", "image", "component", "image-recipe", "distribution-configuration",
                         "infrastructure-configuration")
        ] + [
            ("ec2:" + each, "arn:aws:ec2:us-east-1::image/ami-1")
            for each in ("CreateTags", "DeleteTags", "ModifyImageAttribute")
        ] + [
            ("ec2:ModifySnapshotAttribute", "arn:aws:ec2:us-east-1::snapshot/snap-1"),
        ] + [
            ("kms:" + each, f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1")
            for each in ("PutKeyPolicy", "RevokeGrant", "CreateGrant", "Decrypt", "TagResource")
        ]
        for role in self.roles():
            for action, resource in changes:
                # Both what is asked for and nothing: a tag of ours makes nothing of theirs ours.
                for asked in ({}, {ASKED: "nonprod"}, {ASKED: "prod"}):
                    keys = {OWNED: "prod", "kms:ViaService": "ec2.us-east-1.amazonaws.com",
                            "kms:GrantIsForAWSResource": "true", "aws:RequestedRegion": "us-east-1"}
                    self.assertFalse(self.may(role, action, resource, **keys | asked), (role, action, resource, asked))

    def test_no_role_gives_what_is_ours_to_another_environment(self):
        for role in self.roles():
            for action, resource in (
                *(("imagebuilder:TagResource", f"{BUILDER}:{kind}/x") for kind in ("image-pipeline", "image")),
                ("ec2:CreateTags", "arn:aws:ec2:us-east-1::image/ami-1"),
            ):
                for owned in ({}, {OWNED: "nonprod"}):
                    self.assertFalse(self.may(role, action, resource, **owned, **{ASKED: "prod"}), (role, action))

    def test_what_is_made_and_what_is_ours_is_still_tagged(self):
        for kind in ("image-pipeline", "component", "image-recipe"):
            arn = f"{BUILDER}:{kind}/x"
            self.assertTrue(self.may("ReconcileRole", "imagebuilder:TagResource", arn, **{ASKED: "nonprod"}), kind)
        pipeline = f"{BUILDER}:image-pipeline/x"
        for role in ("ReconcileRole", "ImageEventsRole"):
            for asked in ({}, {ASKED: "nonprod"}):
                keys = {OWNED: "nonprod"} | asked
                self.assertTrue(self.may(role, "imagebuilder:TagResource", pipeline, **keys), role)
        image = f"{BUILDER}:image/x"
        self.assertTrue(self.may("ScheduledBuildRole", "imagebuilder:TagResource", image, **{ASKED: "nonprod"}))
        self.assertTrue(self.may("DistributionRole", "ec2:CreateTags",
                                 "arn:aws:ec2:us-east-1::image/ami-1", **{OWNED: "nonprod"}))

    def test_what_has_no_tag_is_nobodys(self):
        pipeline = f"{BUILDER}:image-pipeline/x"
        for role in self.roles():
            for action in ("UpdateImagePipeline", "StartImagePipelineExecution"):
                self.assertFalse(self.may(role, f"imagebuilder:{action}", pipeline), (role, action))

    def test_every_action_that_a_request_tag_allows_asks_for_the_resources_tag_as_well(self):
        creates = ("imagebuilder:Create",)
        for name, each in self.resources.items():
            if each["Type"] not in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
                continue
            for statement in self.judge.resolved.statements(name):
                text = str(statement.get("Condition"))
                actions = statement.get("Action", [])
                actions = actions if isinstance(actions, list) else [actions]
                if "RequestTag" in text and not all(action.startswith(creates) for action in actions):
                    self.assertIn("ResourceTag", text, (name, actions))


class Damage(unittest.TestCase):
    """What reconcile and a plan look at every hour."""

    def reads(self):
        region = f"us-east-1:{ACCOUNT}"
        for rule in ("hourly", "build", "image-events", "key-changes"):
            for action in ("DescribeRule", "ListTargetsByRule"):
                yield f"events:{action}", f"arn:aws:events:{region}:rule/goldsmith-nonprod-{rule}"
        for function in ("reconcile", "scheduled-build", "image-events"):
            for action in ("GetPolicy", "GetFunctionConcurrency"):
                yield f"lambda:{action}", f"arn:aws:lambda:{region}:function:goldsmith-nonprod-{function}"
        for kind in ("documents", "output"):
            bucket = f"arn:aws:s3:::goldsmith-nonprod-{kind}-{ACCOUNT}-us-east-1"
            for action in ("GetBucketNotification", "GetBucketPolicy"):
                yield f"s3:{action}", bucket
        yield "sns:GetTopicAttributes", f"arn:aws:sns:{region}:goldsmith-nonprod"

    def test_reconcile_and_a_plan_read_everything_that_a_hand_can_damage(self):
        for judge, role in readers():
            for action, resource in self.reads():
                self.assertEqual(judge.by_role(role, action, resource), "Allow", (role, action, resource))
                other = resource.replace("nonprod", "prod")
                self.assertEqual(judge.by_role(role, action, other), "ImplicitDeny", (role, action, other))

    def test_the_keys_are_read(self):
        aliases = {"kms:ResourceAliases": ["alias/goldsmith-nonprod"]}
        for judge, role in readers():
            for action in ("DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListGrants"):
                key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/ImageKey"
                self.assertEqual(judge.by_role(role, f"kms:{action}", key, **aliases), "Allow", (role, action))
        self.assertEqual(
            github().by_role("PlanRole", "kms:GetPublicKey", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/SigningKey",
                             **{"kms:ResourceAliases": ["alias/goldsmith-nonprod-signing"]}),
            "Allow",
        )
        self.assertEqual(
            github().by_role("PlanRole", "kms:GetPublicKey", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/SigningKey",
                             **{"kms:ResourceAliases": ["alias/goldsmith-prod-signing"]}),
            "ImplicitDeny",
        )

    def test_reconcile_repairs_the_build_rule_and_no_other(self):
        judge, rule = stack(), f"arn:aws:events:us-east-1:{ACCOUNT}:rule/goldsmith-nonprod-"
        function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:goldsmith-nonprod-"
        self.assertEqual(judge.by_role("ReconcileRole", "events:PutRule", rule + "build"), "Allow")
        for action in ("PutRule", "EnableRule", "PutTargets", "DisableRule", "RemoveTargets", "DeleteRule"):
            self.assertNotEqual(judge.by_role("ReconcileRole", f"events:{action}", rule + "hourly"), "Allow")
            self.assertNotEqual(github().by_role("PlanRole", f"events:{action}", rule + "build"), "Allow")
        for targets, decision in (
            ([function + "scheduled-build"], "Allow"),
            ([function + "reconcile"], "ImplicitDeny"),
            ([function + "scheduled-build", "arn:aws:lambda:us-east-1:999999999999:function:x"], "ImplicitDeny"),
        ):
            keys = {"events:TargetArn": targets}
            self.assertEqual(judge.by_role("ReconcileRole", "events:PutTargets", rule + "build", **keys), decision)


class Quotas(unittest.TestCase):
    """IAM counts the characters of policies without blanks (IAM user guide, "IAM and AWS STS quotas")."""

    def size(self, document):
        return len(json.dumps(document, separators=(",", ":")))

    def test_every_policy_fits_with_the_longest_names(self):
        longest = {"Environment": "a" * 12, "ParameterPrefix": f"/{'p' * 100}/"}
        account = {"BuildingAccount": "222222222222"} | longest
        for template, given in (
            ("template.yaml", longest),
            ("github-oidc.yaml", {"Owner": "o" * 39, "Repository": "r" * 100} | longest),
            ("consumer-rebuild.yaml", account),
        ):
            for name, each in Deployed(template, **given).resources.items():
                properties = each.get("Properties", {})
                inline = sum(self.size(one["PolicyDocument"]) for one in properties.get("Policies", []))
                self.assertLessEqual(inline, 10240, (template, name))
                if each["Type"] == "AWS::IAM::ManagedPolicy":
                    self.assertLessEqual(self.size(properties["PolicyDocument"]), 6144, (template, name))
                self.assertLessEqual(len(properties.get("ManagedPolicyArns", [])), 10, (template, name))

    def test_the_bucket_policy_leaves_room_for_consumers(self):
        uploaders = ",".join(f"arn:aws:iam::{ACCOUNT}:role/uploader-{number}" for number in range(20))
        resources = Deployed("template.yaml", Environment="a" * 12, UploaderArns=uploaders).resources
        for name in ("DocumentBucketPolicy", "OutputBucketPolicy"):
            # S3 takes 20 KB; reconcile's statements share the output bucket's.
            self.assertLessEqual(self.size(resources[name]["Properties"]["PolicyDocument"]), 5120, name)


if __name__ == "__main__":
    unittest.main()
