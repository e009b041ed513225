"""That infra/terraform deploys what infra/template.yaml deploys, changes in place, and goes as it should.

Both are deployed to an embedded AWS of their own and read back through the services' APIs (readback.py). They
must be equal but for what differences.toml lists. Run it with the Python of target/venv/stack: `make terraform` does.
"""

import concurrent.futures
import copy
import json
import pathlib
import re
import tempfile
import unittest

import deployments
import readback
from comparison import different, differences
from deployments import STATES, Template, Terraform, access, make_bucket, zip_of
from embedded import INFRA, Ministack
from readback import ACCOUNT, STACK
from samtranslator.yaml_helper import yaml_parse

OUTPUT = f"{STACK}-output-{ACCOUNT}-us-east-1"
UPLOADER = f"arn:aws:iam::{ACCOUNT}:role/goldsmith-nonprod-upload"
# What readback.py reads, and with what: a kind that is added to the template must be added there too.
KINDS = {
    "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::Events::Rule", "AWS::IAM::InstanceProfile", "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::KMS::Alias", "AWS::KMS::Key", "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup", "AWS::Logs::QueryDefinition", "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::Serverless::Function",
}
# Whose state is given up before a destroy: they outlive the stack (docs/deploy.md, "How to remove it").
KEPT = ("aws_s3_bucket", "aws_kms_key.image", "aws_kms_key.signing")


def as_answered(rule):
    """A template's lifecycle rule as S3 answers it."""
    answer = {"ID": rule["Id"], "Status": rule["Status"], "Filter": {"Prefix": rule["Prefix"]}}
    if "ExpirationInDays" in rule:
        answer["Expiration"] = {"Days": rule["ExpirationInDays"]}
    return answer | {"NoncurrentVersionExpiration": rule["NoncurrentVersionExpiration"]}


class Both(unittest.TestCase):
    """One deployment of each, for all tests, which run in the order of a stack's life."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.first = zip_of(cls.directory / "first.zip", "#!/bin/sh\n")
        cls.second = zip_of(cls.directory / "second.zip", "#!/bin/sh\n# changed\n")
        cls.aws = {name: cls.enterClassContext(Ministack()) for name in ("template", "module")}
        cls.terraform = Terraform(cls.directory, access(cls.aws["module"]), "examples/nonprod")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            deployed = [pool.submit(cls.deploy_template), pool.submit(cls.deploy_module)]
            cls.outputs = [each.result() for each in deployed]
        cls.worlds = {name: readback.read(aws) for name, aws in cls.aws.items()}

    @classmethod
    def deploy_template(cls):
        return Template(cls.aws["template"], cls.first).deploy("create", UploaderArns=UPLOADER)

    @classmethod
    def deploy_module(cls):
        make_bucket(access(cls.aws["module"]), STATES)
        cls.terraform.init("-backend-config=backend.hcl")
        cls.terraform.apply(*cls.given(cls.first))
        return json.loads(cls.terraform.run("output", "-json"))["goldsmith"]["value"]

    @staticmethod
    def given(code, **others):
        return [f"-var=zip={code}", *(f"-var={name}={value}" for name, value in others.items())]

    def test_1_the_two_are_equal_but_for_what_is_listed(self):
        self.assertEqual("", differences("stack", self.worlds["template"], self.worlds["module"]))

    def test_1_the_comparison_sees_one_action_one_setting_and_one_thing_too_few(self):
        broken = copy.deepcopy(self.worlds["template"])
        broken["roles"]["<ReconcileRole>"]["may"]["publish"][0]["Action"].append("s3:DeleteObject")
        broken["buckets"][OUTPUT]["versioning"]["Status"] = "Suspended"
        del broken["alarms"][f"{STACK}-no-hourly"]
        found = different(self.worlds["template"], broken)
        self.assertEqual(
            {path for path in found if not path.startswith(f"alarms/{STACK}-no-hourly/")},
            {"roles/<ReconcileRole>/may/publish", f"buckets/{OUTPUT}/versioning/Status"},
        )
        self.assertIn(f"alarms/{STACK}-no-hourly/MetricName", found)

    def test_1_what_the_embedded_cloudformation_drops_is_in_the_module(self):
        """These two are listed as differences, so that they are compared with the template's text."""
        resources = yaml_parse((INFRA / "template.yaml").read_text())["Resources"]
        module = self.worlds["module"]
        (topic,) = module["topics"].values()
        self.assertEqual(resources["Topic"]["Properties"]["KmsMasterKeyId"], {"Fn::GetAtt": ["TopicKey", "Arn"]})
        self.assertTrue(topic["KmsMasterKeyId"].endswith(f":key/Messages of the topic {STACK}"))
        rules = resources["OutputBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
        self.assertEqual([as_answered(each) for each in rules], module["buckets"][OUTPUT]["lifecycle"])

    def test_1_what_is_read_back_is_all_that_the_template_makes(self):
        resources = yaml_parse((INFRA / "template.yaml").read_text())["Resources"]
        self.assertEqual(KINDS, {each["Type"] for each in resources.values()})
        made = {kind: len(things) for kind, things in self.worlds["module"].items()}
        of_type = lambda *kinds: sum(each["Type"] in kinds for each in resources.values())
        self.assertEqual(made, {
            "alarms": of_type("AWS::CloudWatch::Alarm"), "buckets": of_type("AWS::S3::Bucket"),
            "dashboards": 1, "saved queries": of_type("AWS::Logs::QueryDefinition"),
            "functions": of_type("AWS::Serverless::Function"), "instance profiles": 1,
            "keys": of_type("AWS::KMS::Key"), "log groups": of_type("AWS::Logs::LogGroup"),
            "managed policies": of_type("AWS::IAM::ManagedPolicy"), "queues": of_type("AWS::SQS::Queue"),
            "roles": of_type("AWS::IAM::Role"), "rules": of_type("AWS::Events::Rule"), "topics": 1,
        })

    def test_1_outputs_have_the_same_names_and_values(self):
        template, module = self.outputs
        drawn = {"KeyArn", "SigningKeyArn", "ExecutionRole", "InstanceProfile", "FailuresUrl"}
        self.assertEqual(template.keys(), module.keys())
        self.assertEqual(*({name: each[name] for name in each.keys() - drawn} for each in self.outputs))

    def test_1_the_state_is_where_the_team_says(self):
        listed = self.aws["module"].client("s3", ACCOUNT).list_objects_v2(Bucket=STATES)["Contents"]
        self.assertEqual([each["Key"] for each in listed], ["mstr-ami/terraform_mstrami.state"])

    def test_2_a_state_that_somebody_holds_is_left_alone(self):
        s3 = self.aws["module"].client("s3", ACCOUNT)
        lock = {"Bucket": STATES, "Key": "mstr-ami/terraform_mstrami.state.tflock"}
        s3.put_object(Body=json.dumps({"ID": "another", "Operation": "OperationTypeApply"}), **lock)
        said = self.terraform.run("plan", "-input=false", *self.given(self.first), expected=1)
        self.assertIn("Error acquiring the state lock", said)
        s3.delete_object(**lock)

    def test_3_code_and_a_variable_change_in_place_and_what_reconcile_owns_stays(self):
        reconciled(self.aws["module"])
        given = self.given(self.second, log_retention_days=30)
        changes = self.terraform.planned(*given)
        self.assertEqual(
            {address.split("[")[0] for address in changes},
            {f"module.goldsmith.aws_{each}.function" for each in ("lambda_function", "cloudwatch_log_group")},
        )
        self.assertEqual(list(changes.values()), ["updated in-place"] * 6)
        self.terraform.run("apply", "-input=false", "-parallelism=60", "plan")
        self.assertEqual(self.terraform.planned(*given), {})

    def test_4_what_consumers_need_is_never_destroyed(self):
        said = self.terraform.run("plan", "-destroy", "-refresh=false", *self.given(self.second), expected=1)
        refused = re.findall(r"^Resource module\.goldsmith\.(\S+)", said, re.MULTILINE)
        self.assertEqual(sorted(refused), [
            "aws_kms_key.image[0]", "aws_kms_key.signing[0]", "aws_s3_bucket_policy.documents",
            "aws_s3_bucket_policy.output",
        ])

    def test_5_the_rest_goes_and_leaves_data_and_keys(self):
        before = readback.read(self.aws["module"])
        addresses = self.terraform.run("state", "list").split()
        kept = [each for each in addresses if each.startswith(tuple(f"module.goldsmith.{one}" for one in KEPT))]
        self.terraform.run("state", "rm", *kept)
        self.terraform.run(
            "destroy", "-auto-approve", "-refresh=false", "-parallelism=60", *self.given(self.second)
        )
        after = readback.read(self.aws["module"])
        self.assertEqual(before["buckets"], after["buckets"])
        left = {kind: len(things) for kind, things in after.items() if things}
        self.assertEqual(left, {"buckets": 2, "keys": 2})


def reconciled(aws):
    """Changes what reconcile owns, as it does: two policies and the schedule."""
    kms, s3, events = (aws.client(each, ACCOUNT) for each in ("kms", "s3", "events"))
    consumer = {"Sid": "GoldsmithConsumersUse", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}}
    key = kms.describe_key(KeyId=f"alias/{STACK}")["KeyMetadata"]["KeyId"]
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    policy["Statement"].append(consumer | {"Action": "kms:Decrypt", "Resource": "*"})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    policy = json.loads(s3.get_bucket_policy(Bucket=OUTPUT)["Policy"])
    policy["Statement"].append(consumer | {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{OUTPUT}/images/*"})
    s3.put_bucket_policy(Bucket=OUTPUT, Policy=json.dumps(policy))
    rule = events.describe_rule(Name=f"{STACK}-build")
    events.put_rule(Name=rule["Name"], Description=rule["Description"], ScheduleExpression="rate(2 days)", State="DISABLED")


def main():
    reason = deployments.missing()
    if reason:
        print(f"SKIPPED: the Terraform module is not deployed, {reason}")
        return
    unittest.main(failfast=True)


if __name__ == "__main__":
    main()
