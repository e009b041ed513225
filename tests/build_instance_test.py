"""What a build instance may do, in the building account and where a consumer rebuilds.

Its components run as root and come from documents, so whatever it may do, a document may do.

Run it with the Python of target/venv/stack: `make template` does.
"""

import unittest

from judge import ACCOUNT, Deployed, Judge

CONSUMER = "222222222222"
SSM = "arn:aws:ssm:us-east-1:{account}:parameter{name}"

# What AWS documents: the agent's own calls (Systems Manager user guide, "ec2messages, ssmmessages, and
# other API operations"); the inventory that Image Builder's service-linked role has it collect; the
# components and their logs (Image Builder user guide, "Prerequisites" and "VPC interface endpoints").
NEEDS = (
    ("ssm:UpdateInstanceInformation", "*"),
    ("ssm:ListInstanceAssociations", "*"),
    ("ssm:UpdateInstanceAssociationStatus", "*"),
    ("ssm:PutInventory", "*"),
    ("ssm:GetDocument", "arn:aws:ssm:us-east-1::document/AWS-GatherSoftwareInventory"),
    ("ssmmessages:CreateControlChannel", "*"),
    ("ssmmessages:CreateDataChannel", "*"),
    ("ssmmessages:OpenControlChannel", "*"),
    ("ssmmessages:OpenDataChannel", "*"),
    ("ec2messages:AcknowledgeMessage", "*"),
    ("ec2messages:GetMessages", "*"),
    ("ec2messages:SendReply", "*"),
    ("imagebuilder:GetComponent", "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/1.0.2/1"),
    ("imagebuilder:GetComponent", "arn:aws:imagebuilder:us-east-1:{account}:component/harden/1.0.0/1"),
    ("s3:GetObject", "arn:aws:s3:::ec2imagebuilder-toe-us-east-1-prod/latest/linux/amd64/awstoe"),
    ("s3:GetObject", "arn:aws:s3:::ec2imagebuilder-managed-resources-us-east-1-prod/components/x"),
    ("logs:CreateLogGroup", "arn:aws:logs:us-east-1:{account}:log-group:/aws/imagebuilder/nonprod-110304"),
    ("logs:CreateLogStream", "arn:aws:logs:us-east-1:{account}:log-group:/aws/imagebuilder/nonprod-110304:log-stream:1"),
    ("logs:PutLogEvents", "arn:aws:logs:us-east-1:{account}:log-group:/aws/imagebuilder/nonprod-110304:log-stream:1"),
)

# Denied by name, so that a policy that somebody attaches later does not open it either.
DENIED = (
    ("sts:AssumeRole", "arn:aws:iam::{account}:role/administrator"),
    ("sts:AssumeRole", "arn:aws:iam::333333333333:role/EC2ImageBuilderDistributionCrossAccountRole"),
    ("iam:PassRole", "arn:aws:iam::{account}:role/administrator"),
    ("iam:CreateUser", "arn:aws:iam::{account}:user/x"),
    ("ssm:PutParameter", SSM.replace("{name}", "/goldsmith/nonprod/110304")),
    ("ssm:SendCommand", "arn:aws:ec2:us-east-1:{account}:instance/i-1"),
    ("ssm:StartSession", "arn:aws:ec2:us-east-1:{account}:instance/i-1"),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:{account}:secret:db"),
    ("imagebuilder:TagResource", "arn:aws:imagebuilder:us-east-1:{account}:image-pipeline/x"),
    ("imagebuilder:StartImagePipelineExecution", "arn:aws:imagebuilder:us-east-1:{account}:image-pipeline/x"),
    ("imagebuilder:CreateComponent", "arn:aws:imagebuilder:us-east-1:{account}:component/x"),
    ("ec2:ModifyImageAttribute", "arn:aws:ec2:us-east-1::image/ami-1"),
    ("ec2:CreateTags", "arn:aws:ec2:us-east-1::image/ami-1"),
    ("kms:Sign", "arn:aws:kms:us-east-1:{account}:key/SigningKey"),
    ("kms:PutKeyPolicy", "arn:aws:kms:us-east-1:{account}:key/ImageKey"),
    ("kms:CreateGrant", "arn:aws:kms:us-east-1:{account}:key/ImageKey"),
    ("kms:Decrypt", "arn:aws:kms:us-east-1:{account}:key/ImageKey"),
)

# The stack's own, in the building account.
STACK = (
    ("s3:PutObject", "arn:aws:s3:::goldsmith-nonprod-documents-{account}-us-east-1/nonprod.json"),
    ("s3:PutObject", "arn:aws:s3:::goldsmith-nonprod-output-{account}-us-east-1/images/110304/image.json"),
    ("s3:GetObject", "arn:aws:s3:::goldsmith-nonprod-documents-{account}-us-east-1/environment.json"),
    ("s3:ListBucket", "arn:aws:s3:::goldsmith-prod-documents-{account}-us-east-1"),
    ("s3:PutBucketPolicy", "arn:aws:s3:::goldsmith-nonprod-output-{account}-us-east-1"),
    ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:{account}:function:goldsmith-nonprod-reconcile"),
    ("lambda:UpdateFunctionCode", "arn:aws:lambda:us-east-1:{account}:function:goldsmith-prod-reconcile"),
    ("sns:Publish", "arn:aws:sns:us-east-1:{account}:goldsmith-nonprod"),
    ("sqs:SendMessage", "arn:aws:sqs:us-east-1:{account}:goldsmith-nonprod-failures"),
    ("events:PutRule", "arn:aws:events:us-east-1:{account}:rule/goldsmith-nonprod-build"),
    ("events:PutEvents", "arn:aws:events:us-east-1:{account}:event-bus/default"),
    ("cloudformation:UpdateStack", "arn:aws:cloudformation:us-east-1:{account}:stack/goldsmith-nonprod/1"),
    ("logs:DeleteLogGroup", "arn:aws:logs:us-east-1:{account}:log-group:/aws/lambda/goldsmith-nonprod-reconcile"),
    ("cloudwatch:DisableAlarmActions", "arn:aws:cloudwatch:us-east-1:{account}:alarm:goldsmith-nonprod-failures"),
)


def both(**given):
    yield Judge(Deployed("template.yaml", **given)), "BuildInstanceRole", ACCOUNT
    rebuild = Deployed("consumer-rebuild.yaml", account=CONSUMER, BuildingAccount=ACCOUNT, **given)
    yield Judge(rebuild), "InstanceRole", CONSUMER


class BuildInstance(unittest.TestCase):
    def decide(self, asked, expected, **given):
        for judge, role, account in both(**given):
            for action, resource in asked:
                arn = resource.replace("{account}", account)
                self.assertEqual(judge.by_role(role, action, arn), expected, (role, action, arn))

    def test_it_does_what_image_builder_and_session_manager_need(self):
        self.decide(NEEDS, "Allow")

    def test_it_has_no_managed_policies_of_amazon(self):
        for judge, role, _ in both():
            self.assertNotIn("ManagedPolicyArns", judge.resolved.resources[role]["Properties"])

    def test_it_reads_no_parameter_outside_the_prefix(self):
        names = ("/prod/db/password", "/goldsmith", "/aws/reference/secretsmanager/db", "/aws/service/x")
        for action in ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory"):
            self.decide([(action, SSM.replace("{name}", name)) for name in names], "Deny")
            self.decide([(action, SSM.replace("{name}", "/goldsmith/base"))], "Deny", ParameterPrefix="/images/")
        self.decide([("ssm:GetParameters", SSM.replace("{name}", "/goldsmith/base"))], "Allow")

    def test_what_would_lead_further_is_denied_whatever_else_is_attached(self):
        self.decide(DENIED, "Deny")

    def test_the_stack_is_out_of_reach(self):
        judge, role, account = next(both())
        for action, resource in STACK:
            arn = resource.replace("{account}", account)
            self.assertEqual(judge.by_role(role, action, arn), "Deny", (action, arn))

    def test_it_stores_results_and_reads_or_changes_none(self):
        output = f"goldsmith-nonprod-output-{ACCOUNT}-us-east-1"
        for given, bucket in (({}, output), ({"ExistingOutputBucket": "old-output"}, "old-output")):
            judge = Judge(Deployed("template.yaml", **given))
            decide = lambda action, key: judge.by_role("BuildInstanceRole", action, f"arn:aws:s3:::{key}")
            self.assertEqual(decide("s3:PutObject", f"{bucket}/results/ami-1/openscap/results.json"), "Allow")
            for key in (f"{bucket}/results", f"{bucket}/x/results/y", f"{bucket}/images/110304/image.json",
                        f"{bucket}/reports/latest.json", f"{bucket}/sboms/ami-1.cdx.json", "goldsmith-prod-output-x/results/ami-1/a/b", "others/results/a"):
                self.assertEqual(decide("s3:PutObject", key), "Deny", key)
            for action in ("GetObject", "DeleteObject", "PutObjectAcl", "PutObjectTagging", "DeleteObjectVersion"):
                self.assertEqual(decide(f"s3:{action}", f"{bucket}/results/ami-1/a/b"), "Deny", action)
            self.assertEqual(decide("s3:ListBucket", bucket), "Deny")

    def test_what_it_does_not_need_is_not_allowed(self):
        others = (
            ("s3:GetObject", "arn:aws:s3:::somebodys-bucket/x"), ("s3:PutObject", "arn:aws:s3:::ec2imagebuilder-x/y"),
            ("s3:GetObject", "arn:aws:s3:::ec2imagebuilder-evil/x"), ("ssm:GetManifest", "*"),
            ("ssm:GetDocument", "arn:aws:ssm:us-east-1:{account}:document/ours"),
            ("logs:PutLogEvents", "arn:aws:logs:us-east-1:{account}:log-group:/aws/lambda/x:log-stream:1"),
            ("ec2:RunInstances", "*"), ("ssm:PutComplianceItems", "*"),
        )
        for judge, role, account in both():
            for action, resource in others:
                self.assertNotEqual(judge.by_role(role, action, resource.replace("{account}", account)), "Allow", action)

    def test_both_sides_may_do_the_same_but_for_the_buildings_stack(self):
        (here, role, account), (there, other, consumer) = both()
        for action, resource in (*NEEDS, *DENIED):
            self.assertEqual(here.by_role(role, action, resource.replace("{account}", account)),
                             there.by_role(other, action, resource.replace("{account}", consumer)), action)


if __name__ == "__main__":
    unittest.main()
