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
    def source(permission):
        """The rule, or what is no resource's ARN: a bucket is named by a text."""
        arn = permission.get("SourceArn", {})
        return referenced(arn) if "Fn::GetAtt" in arn else None

    permitted = {
        (source(each), referenced(each["FunctionName"]), each["Principal"])
        for each in of_type(resources, "AWS::Lambda::Permission").values()
    }
    functions = of_type(resources, "AWS::Lambda::Function")
    triggers = [
        (name, name, referenced(target["Arn"]), "events.amazonaws.com")
        for name, rule in of_type(resources, "AWS::Events::Rule").items()
        for target in rule["Targets"]
        if referenced(target["Arn"]) in functions
    ] + [
        (name, None, referenced(notified["Function"]), "s3.amazonaws.com")
        for name, bucket in of_type(resources, "AWS::S3::Bucket").items()
        for notified in bucket.get("NotificationConfiguration", {}).get("LambdaConfigurations", [])
    ]
    return [name for name, *trigger in triggers if tuple(trigger) not in permitted]


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


def functions_log_what_the_parameter_says(resources):
    # Lambda sets AWS_LAMBDA_LOG_LEVEL from it, and only with this format (Lambda developer guide, "Log-level filtering").
    expected = ("JSON", {"Ref": "LogLevel"})
    return [
        name
        for name, function in of_type(resources, "AWS::Lambda::Function").items()
        if tuple(function.get("LoggingConfig", {}).get(each) for each in ("LogFormat", "ApplicationLogLevel")) != expected
    ]


def functions_have_what_they_need(resources):
    variables = {
        "ENVIRONMENT", "ACCOUNT_ID", "DOCUMENT_BUCKET", "OUTPUT_BUCKET",
        "KEY_ARN", "SIGNING_KEY", "PARAMETER_PREFIX", "TOPIC_ARN", "BUILD_RULE", "INSTANCE_PROFILE", "INSTANCE_ROLE", "INSTANCE_ROLES", "EXECUTION_ROLE", "GOLDSMITH_FUNCTION",
    }
    functions = of_type(resources, "AWS::Lambda::Function")
    return [
        name
        for name, function in functions.items()
        if function["Runtime"] != "provided.al2023"
        or (given := function.get("Environment", {}).get("Variables", {})).keys() != variables
        or function["FunctionName"] != {"Fn::Sub": f"goldsmith-${{Environment}}-{given['GOLDSMITH_FUNCTION']}"}
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
    # Nothing is stored under the key of the topic.
    return [
        name
        for name, each in resources.items()
        if each["Type"] in kinds and name != "TopicKey"
        and (each.get("DeletionPolicy"), each.get("UpdateReplacePolicy")) != ("Retain", "Retain")
    ]


def keys_rotate(resources):
    # AWS rotates symmetric keys alone.
    keys = {name: key for name, key in of_type(resources, "AWS::KMS::Key").items() if "KeySpec" not in key}
    return [name for name, key in keys.items() if key.get("EnableKeyRotation") is not True]


def topics_and_queues_are_encrypted(resources):
    topics = of_type(resources, "AWS::SNS::Topic")
    queues = of_type(resources, "AWS::SQS::Queue")
    return [name for name, topic in topics.items() if not topic.get("KmsMasterKeyId")] + [
        name for name, queue in queues.items() if queue.get("SqsManagedSseEnabled") is not True
    ]


def statements(resources):
    """What is allowed; tests/access_test.py judges what is denied, and tests/boundary_test.py the boundary."""
    for name, each in resources.items():
        if name == "Boundary":
            continue
        policies = {"AWS::IAM::Role": each["Properties"].get("Policies", [])}
        policies |= dict.fromkeys(("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"), [each["Properties"]])
        for policy in policies.get(each["Type"], []):
            # A statement that is there only under a condition counts as if it always were.
            given = (one.get("Fn::If", [None, one])[1] for one in policy["PolicyDocument"]["Statement"])
            allowed = (one for one in given if one["Effect"] == "Allow")
            yield from ((name, statement) for statement in allowed)


def listed(value):
    return value if isinstance(value, list) else [value]


def roles_allow_no_more_than_they_need(resources):
    # These take no resource (service authorization reference).
    anywhere = (
        "ec2:DescribeImages",
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeRegions",
        "ec2:DescribeSnapshots",
        "ec2:DescribeSubnets",
        "ec2:DescribeTags",
        "imagebuilder:List",
        # The agent of a build instance: only its own instance, whose id nobody knows beforehand.
        "ec2messages:",
        "ssm:DescribeAssociation",
        "ssm:List",
        "ssm:PutInventory",
        "ssm:Update",
        "ssmmessages:",
    )
    return [
        name
        for name, statement in statements(resources)
        for action in listed(statement["Action"])
        if action == "*"
        or action.endswith(":*")
        or ("*" in listed(statement["Resource"]) and not action.startswith(anywhere))
    ]


def text_of(resource):
    """An ARN as it is written: the text of an Fn::Sub, or nothing for a resource of the stack."""
    text = resource.get("Fn::Sub", "") if isinstance(resource, dict) else resource
    return text[0] if isinstance(text, list) else text


def what_is_beyond_the_stack_is_ours_by_tag(resources):
    """Keys and AMIs that the stack did not make are changed, and used, only with our tag. A copy has no
    tags before it is there, and what a snapshot carries is Image Builder's to say. So is what the AMI of a build
    carries that failed before its distribution."""
    marks = {"aws:ResourceTag/goldsmith:environment", "aws:ResourceTag/CreatedBy"}
    reads = ("kms:DescribeKey", "ec2:Describe", "ec2:CopyImage", "ec2:ModifySnapshotAttribute")

    def beyond(statement):
        arns = [text_of(each) for each in listed(statement["Resource"])]
        return any(":kms:" in arn or ":ec2:" in arn for arn in arns)

    return [
        name
        for name, each in statements(resources)
        if beyond(each)
        and not all(action.startswith(reads) for action in listed(each["Action"]))
        and not marks.intersection(each.get("Condition", {}).get("StringEquals", {}))
    ]


def roles_are_passed_to_their_service(resources):
    services = {"BuildInstanceRole": "ec2.amazonaws.com", "DistributionRole": "imagebuilder.amazonaws.com"}

    def wrong(statement):
        resource = statement["Resource"]
        role = referenced(resource) if isinstance(resource, dict) else None
        # Those of instance profiles that documents may name: whoever deploys gives them.
        role = "BuildInstanceRole" if role == "InstanceRoleArns" else role
        passed = statement.get("Condition", {}).get("StringEquals", {}).get("iam:PassedToService")
        return role not in services or passed != services[role]

    return [name for name, each in statements(resources) if "iam:PassRole" in listed(each["Action"]) and wrong(each)]


def other_accounts_roles_are_assumed_by_name(resources):
    names = (
        ":role/EC2ImageBuilderDistributionCrossAccountRole",
        ":role/goldsmith-${Environment}-parameters",
        ":role/goldsmith-${Environment}-rebuild",
        ":role/goldsmith-${Environment}-verify",
    )
    return [
        name
        for name, each in statements(resources)
        if "sts:AssumeRole" in listed(each["Action"])
        and not all(text_of(arn).endswith(names) for arn in listed(each["Resource"]))
    ]


def one_service_assumes_a_role(resources):
    services = {
        "BuildInstanceRole": "ec2.amazonaws.com",
        "DistributionRole": "imagebuilder.amazonaws.com",
    }

    def wrong(name, role):
        expected = {"Service": services.get(name, "lambda.amazonaws.com")}
        trust = role["AssumeRolePolicyDocument"]["Statement"]
        return [each["Principal"] for each in trust] != [expected]

    return [name for name, role in of_type(resources, "AWS::IAM::Role").items() if wrong(name, role)]


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


def mistake(name, variable, value):
    def broken(resources):
        resources[name]["Properties"]["Environment"]["Variables"][variable] = value
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
        lambda resources: resources.pop("ImageEventsRuleInvokesReconcile") and "ImageEventsRule",
    ],
    each_suffix_is_announced_once: [
        drop("DocumentBucket", "Properties", "NotificationConfiguration", "LambdaConfigurations", 1),
    ],
    logs_expire: [drop("ImageEventsLogs", "Properties", "RetentionInDays")],
    functions_log_to_a_group_of_the_stack: [drop("Reconcile", "Properties", "LoggingConfig")],
    functions_log_what_the_parameter_says: [drop("ImageEvents", "Properties", "LoggingConfig", "ApplicationLogLevel")],
    functions_have_what_they_need: [
        drop("ImageEvents", "Properties", "Environment", "Variables", "TOPIC_ARN"),
        mistake("Reconcile", "GOLDSMITH_FUNCTION", "image-events"),
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
    image_builder_is_changed_by_tag: [
        untag("ReconcileRole", 2, 2),
        untag("ReconcileRole", 2, 3),
        untag("ReconcileRole", 3, 0),
    ],
    what_is_beyond_the_stack_is_ours_by_tag: [
        untag("ReconcileRole", 3, 2),
        untag("ReconcileRole", 4, 1),
        untag("ReconcileRole", 2, 6),
        untag("ReconcileRole", 2, 7),
        untag("DistributionRole", 0, 3),
        untag("DistributionRole", 1, 0),
        untag("DistributionRole", 1, 1),
    ],
    roles_are_passed_to_their_service: [
        untag("ReconcileRole", 2, 4),
        widen("ReconcileRole", 2, 5, "Resource"),
    ],
    other_accounts_roles_are_assumed_by_name: [
        widen("ReconcileRole", 3, 4, "Resource"),
        widen("DistributionRole", 0, 0, "Resource"),
    ],
    one_service_assumes_a_role: [
        drop("DistributionRole", "Properties", "AssumeRolePolicyDocument", "Statement", 0, "Principal", "Service"),
    ],
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
