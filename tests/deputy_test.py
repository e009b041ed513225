"""That no service does for another account what it may do here: the confused deputy (IAM user guide).

Every resource policy of the templates in infra/ that lets in a service is asked with the keys of another account's
request, and without any. Run it with the Python of target/venv/stack: `make template` does.
"""

import unittest

from judge import ACCOUNT, Deployed, question
from ministack.core.iam_evaluator import evaluate_resource_policy
from resolved import listed

STRANGER = "999999999999"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TEMPLATES = {
    "template.yaml": {},
    "region.yaml": {},
    "github-oidc.yaml": {"Owner": "octo", "Repository": "images"},
    "consumer-account.yaml": {"BuildingAccount": "222222222222", "KeyArns": KEY, "LifecycleRole": "make", "CopyRole": "make",
                              "AutoScaling": "true", "LaunchRoleName": "launch", "WriteParameters": "true",
                              "VerifierArns": "arn:aws:iam::222222222222:role/verify"},
    "consumer-rebuild.yaml": {"BuildingAccount": "222222222222"},
}
# Only its own account can pass a role to a service (IAM user guide, "Pass a role to a service"), and these two services do
# not say for whom they assume it.
PASSED = {
    ("template.yaml", "BuildInstanceRole", "ec2.amazonaws.com"),
    ("template.yaml", "DistributionRole", "imagebuilder.amazonaws.com"),
    ("consumer-rebuild.yaml", "InstanceRole", "ec2.amazonaws.com"),
}
# Whom the other policies let in, as what.
EXPECTED = {
    ("template.yaml", "TopicKey", "cloudwatch.amazonaws.com"),
    ("template.yaml", "TopicPolicy", "cloudwatch.amazonaws.com"),
    ("template.yaml", "UndeliveredPolicy", "events.amazonaws.com"),
    ("template.yaml", "KeyChangesPolicy", "events.amazonaws.com"),
    ("template.yaml", "ReconcileRole", "lambda.amazonaws.com"),
    ("template.yaml", "ScheduledBuildRole", "lambda.amazonaws.com"),
    ("template.yaml", "ImageEventsRole", "lambda.amazonaws.com"),
    ("template.yaml", "DocumentsInvokeReconcile", "s3.amazonaws.com"),
    ("template.yaml", "HourlyRuleInvokesReconcile", "events.amazonaws.com"),
    ("template.yaml", "BuildRuleInvokesScheduledBuild", "events.amazonaws.com"),
    ("template.yaml", "ImageEventsRuleInvokesReconcile", "events.amazonaws.com"),
    ("template.yaml", "ImageEventsRuleInvokesImageEvents", "events.amazonaws.com"),
    ("consumer-account.yaml", "GrantAdminRole", "lambda.amazonaws.com"),
    ("consumer-account.yaml", "CrossAccountLifecycleRole", "imagebuilder.amazonaws.com"),
}


def policies(resource):
    """The resource policies in a resource's properties, each as one document."""
    properties = resource.get("Properties", {})
    if resource["Type"] == "AWS::Lambda::Permission":
        yield {"Statement": [as_statement(properties)]}
    for name in ("AssumeRolePolicyDocument", "KeyPolicy", "PolicyDocument"):
        if name in properties and resource["Type"] not in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            yield properties[name]


def as_statement(permission):
    """A permission as Lambda writes it into the function's policy (Lambda API reference, AddPermission)."""
    condition = {"ArnLike": {"AWS:SourceArn": permission["SourceArn"]}} if "SourceArn" in permission else {}
    if "SourceAccount" in permission:
        condition["StringEquals"] = {"AWS:SourceAccount": permission["SourceAccount"]}
    return {"Effect": "Allow", "Principal": {"Service": permission["Principal"]}, "Action": permission["Action"],
            "Resource": "*", "Condition": condition}


def lets_in():
    """Template, resource, service and statement of each that allows a service something."""
    for template, given in TEMPLATES.items():
        for name, resource in Deployed(template, **given).resources.items():
            for policy in policies(resource):
                for statement in policy["Statement"]:
                    principal = statement.get("Principal", {})
                    services = listed(principal.get("Service", [])) if isinstance(principal, dict) else []
                    for service in services if statement["Effect"] == "Allow" else []:
                        yield template, name, service, statement


def allows(statement, service, **keys):
    """Whether a statement allows what it is about, if the service asks with these keys."""
    (action, *_) = listed(statement["Action"])
    policy = {"Version": "2012-10-17", "Statement": [statement | {"Resource": "*"}]}
    asked = question(service, action.replace("*", "x"), "*", keys)
    return evaluate_resource_policy(policy, asked, service=service).decision == "Allow"


def source(statement):
    """The keys that satisfy a statement."""
    conditions = statement.get("Condition", {})
    equal = {key.lower(): value for key, value in conditions.get("StringEquals", {}).items()}
    arns = {key.lower(): listed(value)[0].replace("*", "x")
            for operator in ("ArnEquals", "ArnLike") for key, value in conditions.get(operator, {}).items()}
    return {"aws:SourceAccount": equal.get("aws:sourceaccount", ACCOUNT), **(
        {"aws:SourceArn": arns["aws:sourcearn"]} if "aws:sourcearn" in arns else {})}


class Deputies(unittest.TestCase):
    def test_these_policies_let_in_services_and_no_others(self):
        found = {(template, name, service) for template, name, service, _ in lets_in()}
        self.assertEqual(found, EXPECTED | PASSED)

    def test_a_service_does_nothing_for_another_account(self):
        for template, name, service, statement in lets_in():
            if (template, name, service) in PASSED:
                continue
            own = source(statement)
            arn = own.get("aws:SourceArn", f"arn:aws:x:us-east-1:{STRANGER}:x")
            stranger = {"aws:SourceAccount": STRANGER, "aws:SourceArn": arn.replace(own["aws:SourceAccount"], STRANGER)}
            with self.subTest(template=template, resource=name):
                self.assertTrue(allows(statement, service, **own), "not even for its own account")
                self.assertFalse(allows(statement, service, **stranger), "for another account")
                self.assertFalse(allows(statement, service, **own | {"aws:SourceAccount": STRANGER}), "by its ARN alone")
                self.assertFalse(allows(statement, service), "for whom it does not say")

    def test_what_is_invoked_or_queued_is_so_by_one_source(self):
        for template, name, service, statement in lets_in():
            if service not in ("s3.amazonaws.com", "events.amazonaws.com"):
                continue
            another = source(statement) | {"aws:SourceArn": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/another"}
            with self.subTest(template=template, resource=name):
                self.assertFalse(allows(statement, service, **another))


if __name__ == "__main__":
    unittest.main()
