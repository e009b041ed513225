"""What must hold for infra/template.yaml once SAM has transformed it, as AWS will deploy it.

Each rule names the resources that break it. A rule is tested twice: it finds nothing in the
template, and it finds the resource that was broken in a copy of it, so that no rule passes because
it looks at nothing.

Run it with the Python of target/venv/stack: `make test` does.
"""

import copy
import os
import pathlib
import unittest

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = pathlib.Path(__file__).parents[1] / "infra" / "template.yaml"


class NoManagedPolicies:
    """Every role is in the template itself, so that SAM has none to look up."""

    def load(self):
        return {}


def processed():
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    template = yaml_parse(TEMPLATE.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://artifacts/bootstrap.zip"
    return transform(template, {}, NoManagedPolicies())["Resources"]


def of_type(resources, kind):
    return {name: each["Properties"] for name, each in resources.items() if each["Type"] == kind}


def referenced(value):
    """The logical name in {"Ref": name} or {"Fn::GetAtt": [name, attribute]}."""
    return value.get("Ref") or value.get("Fn::GetAtt", [None])[0]


def permissions_name_their_source(resources):
    permissions = of_type(resources, "AWS::Lambda::Permission")
    account = {"Ref": "AWS::AccountId"}
    return [
        name
        for name, permission in permissions.items()
        if not permission.get("SourceArn") or permission.get("SourceAccount") != account
    ]


def every_trigger_has_a_permission(resources):
    permitted = {
        (referenced(each["FunctionName"]), each["Principal"])
        for each in of_type(resources, "AWS::Lambda::Permission").values()
    }
    triggers = [
        (name, referenced(target["Arn"]), "events.amazonaws.com")
        for name, rule in of_type(resources, "AWS::Events::Rule").items()
        for target in rule["Targets"]
    ] + [
        (name, referenced(notified["Function"]), "s3.amazonaws.com")
        for name, bucket in of_type(resources, "AWS::S3::Bucket").items()
        for notified in bucket.get("NotificationConfiguration", {}).get("LambdaConfigurations", [])
    ]
    return [name for name, function, principal in triggers if (function, principal) not in permitted]


def each_suffix_is_announced_once(resources):
    def suffixes(bucket):
        notified = bucket.get("NotificationConfiguration", {}).get("LambdaConfigurations", [])
        return sorted(rule["Value"] for each in notified for rule in each["Filter"]["S3Key"]["Rules"])

    buckets = of_type(resources, "AWS::S3::Bucket")
    expected = {"DocumentBucket": [".json", ".yaml", ".yml"], "OutputBucket": []}
    return [name for name in expected if suffixes(buckets[name]) != expected[name]]


def logs_expire(resources):
    groups = of_type(resources, "AWS::Logs::LogGroup")
    return [name for name, group in groups.items() if not group.get("RetentionInDays")]


def functions_log_to_a_group_of_the_stack(resources):
    groups = of_type(resources, "AWS::Logs::LogGroup")
    functions = of_type(resources, "AWS::Lambda::Function")
    return [
        name
        for name, function in functions.items()
        if referenced(function.get("LoggingConfig", {}).get("LogGroup", {})) not in groups
    ]


def functions_have_what_they_need(resources):
    variables = {
        "ENVIRONMENT", "ACCOUNT_ID", "DOCUMENT_BUCKET", "OUTPUT_BUCKET",
        "KEY_ARN", "TOPIC_ARN", "BUILD_RULE", "INSTANCE_PROFILE",
    }
    functions = of_type(resources, "AWS::Lambda::Function")
    return [
        name
        for name, function in functions.items()
        if function["Runtime"] != "provided.al2023"
        or function.get("Environment", {}).get("Variables", {}).keys() != variables
    ]


def failures_go_to_the_queue(resources):
    configured = {
        referenced(each["FunctionName"])
        for each in of_type(resources, "AWS::Lambda::EventInvokeConfig").values()
        if referenced(each.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", {})) == "Failures"
    }
    return [name for name in of_type(resources, "AWS::Lambda::Function") if name not in configured]


def buckets_are_encrypted(resources):
    buckets = of_type(resources, "AWS::S3::Bucket")
    return [
        name
        for name, bucket in buckets.items()
        if not bucket.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration")
    ]


def buckets_are_private(resources):
    blocks = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    buckets = of_type(resources, "AWS::S3::Bucket")
    return [
        name
        for name, bucket in buckets.items()
        if not all(bucket.get("PublicAccessBlockConfiguration", {}).get(each) is True for each in blocks)
    ]


def buckets_keep_versions(resources):
    buckets = of_type(resources, "AWS::S3::Bucket")
    return [
        name
        for name, bucket in buckets.items()
        if bucket.get("VersioningConfiguration", {}).get("Status") != "Enabled"
    ]


def data_outlives_the_stack(resources):
    kinds = ("AWS::S3::Bucket", "AWS::KMS::Key")
    return [
        name
        for name, each in resources.items()
        if each["Type"] in kinds
        and (each.get("DeletionPolicy"), each.get("UpdateReplacePolicy")) != ("Retain", "Retain")
    ]


def keys_rotate(resources):
    keys = of_type(resources, "AWS::KMS::Key")
    return [name for name, key in keys.items() if key.get("EnableKeyRotation") is not True]


def topics_and_queues_are_encrypted(resources):
    topics = of_type(resources, "AWS::SNS::Topic")
    queues = of_type(resources, "AWS::SQS::Queue")
    return [name for name, topic in topics.items() if not topic.get("KmsMasterKeyId")] + [
        name for name, queue in queues.items() if queue.get("SqsManagedSseEnabled") is not True
    ]


def statements(resources):
    for name, each in resources.items():
        properties = each["Properties"]
        if each["Type"] == "AWS::IAM::ManagedPolicy":
            yield from ((name, statement) for statement in properties["PolicyDocument"]["Statement"])
        if each["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", []):
                yield from ((name, statement) for statement in policy["PolicyDocument"]["Statement"])


def roles_allow_no_more_than_they_need(resources):
    def listed(value):
        return value if isinstance(value, list) else [value]

    # These take no resource (service authorization reference).
    anywhere = (
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeRegions",
        "ec2:DescribeSubnets",
        "imagebuilder:List",
    )
    return [
        name
        for name, statement in statements(resources)
        for action in listed(statement["Action"])
        if action == "*"
        or action.endswith(":*")
        or ("*" in listed(statement["Resource"]) and not action.startswith(anywhere))
    ]


def image_builder_is_changed_by_tag(resources):
    reads = ("imagebuilder:Get", "imagebuilder:List")
    tags = ("aws:RequestTag/goldsmith:environment", "aws:ResourceTag/goldsmith:environment")

    def changes(statement):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        return any(each.startswith("imagebuilder:") and not each.startswith(reads) for each in actions)

    def has_tag(statement):
        return any(tag in statement.get("Condition", {}).get("StringEquals", {}) for tag in tags)

    return [name for name, each in statements(resources) if changes(each) and not has_tag(each)]


def drop(name, *path):
    """Breaks a resource: removes what the path leads to."""

    def broken(resources):
        at = resources[name]
        for step in path[:-1]:
            at = at[step]
        del at[path[-1]]
        return name

    return broken


def widen(name, policy, statement, member):
    def broken(resources):
        resources[name]["Properties"]["Policies"][policy]["PolicyDocument"]["Statement"][statement][member] = "*"
        return name

    return broken


def untag(name, policy, statement):
    def broken(resources):
        del resources[name]["Properties"]["Policies"][policy]["PolicyDocument"]["Statement"][statement]["Condition"]
        return name

    return broken


RULES = {
    permissions_name_their_source: [
        drop("DocumentsInvokeReconcile", "Properties", "SourceAccount"),
        drop("BuildRuleInvokesScheduledBuild", "Properties", "SourceArn"),
    ],
    every_trigger_has_a_permission: [
        lambda resources: resources.pop("DocumentsInvokeReconcile") and "DocumentBucket",
        lambda resources: resources.pop("ImageEventsRuleInvokesImageEvents") and "ImageEventsRule",
    ],
    each_suffix_is_announced_once: [
        drop("DocumentBucket", "Properties", "NotificationConfiguration", "LambdaConfigurations", 1),
    ],
    logs_expire: [drop("ImageEventsLogs", "Properties", "RetentionInDays")],
    functions_log_to_a_group_of_the_stack: [drop("Reconcile", "Properties", "LoggingConfig")],
    functions_have_what_they_need: [
        drop("ImageEvents", "Properties", "Environment", "Variables", "TOPIC_ARN"),
    ],
    failures_go_to_the_queue: [
        lambda resources: resources.pop("ScheduledBuildEventInvokeConfig") and "ScheduledBuild",
    ],
    buckets_are_encrypted: [drop("OutputBucket", "Properties", "BucketEncryption")],
    buckets_are_private: [
        drop("DocumentBucket", "Properties", "PublicAccessBlockConfiguration", "BlockPublicPolicy"),
    ],
    buckets_keep_versions: [drop("DocumentBucket", "Properties", "VersioningConfiguration")],
    data_outlives_the_stack: [drop("ImageKey", "DeletionPolicy")],
    keys_rotate: [drop("ImageKey", "Properties", "EnableKeyRotation")],
    topics_and_queues_are_encrypted: [drop("Topic", "Properties", "KmsMasterKeyId")],
    roles_allow_no_more_than_they_need: [
        widen("ScheduledBuildRole", 0, 0, "Resource"),
        widen("ReconcileRole", 0, 0, "Action"),
    ],
    image_builder_is_changed_by_tag: [untag("ReconcileRole", 2, 2), untag("ReconcileRole", 2, 3)],
}


class Template(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.resources = processed()

    def test_nothing_breaks_a_rule(self):
        for rule in RULES:
            with self.subTest(rule.__name__):
                self.assertEqual(rule(self.resources), [])

    def test_each_rule_finds_what_breaks_it(self):
        for rule, breaks in RULES.items():
            for broken in breaks:
                resources = copy.deepcopy(self.resources)
                name = broken(resources)
                with self.subTest(rule.__name__, broken=name):
                    self.assertIn(name, rule(resources))


if __name__ == "__main__":
    unittest.main()
