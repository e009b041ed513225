"""What must hold for infra/github-oidc.yaml: who may assume its roles, and what they may do.

The template is resolved here for given parameters, as CloudFormation does for what it uses. Run it with
the Python of target/venv/stack: `make template` does.
"""

import pathlib
import re
import unittest

from samtranslator.yaml_helper import yaml_parse

TEMPLATE = pathlib.Path(__file__).parents[1] / "infra" / "github-oidc.yaml"
GITHUB = "token.actions.githubusercontent.com"
REPOSITORY = {"Owner": "octo", "Repository": "images"}
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "111122223333", "AWS::NoValue": None}


class Resolved:
    """Resources and outputs for the given parameters; a resource whose condition fails is not there."""

    def __init__(self, partition="aws", **given):
        self.template = yaml_parse(TEMPLATE.read_text())
        parameters = self.template["Parameters"]
        self.names = PSEUDO | {"AWS::Partition": partition}
        for name, parameter in parameters.items():
            value = given.get(name, parameter.get("Default"))
            pattern = parameter["AllowedPattern"]
            assert value is not None and re.fullmatch(pattern, value), f"{name}={value} is not {pattern}"
            self.names[name] = value
        self.resources = {
            name: self.value(each)
            for name, each in self.template["Resources"].items()
            if self.holds(each.get("Condition"))
        }

    def holds(self, condition):
        return condition is None or self.value(self.template["Conditions"][condition])

    def value(self, node):
        if isinstance(node, list):
            return [self.value(each) for each in node]
        if not isinstance(node, dict):
            return node
        (function, argument), *others = node.items()
        if others or not (function == "Ref" or function.startswith("Fn::")):
            members = {name: self.value(each) for name, each in node.items()}
            return {name: each for name, each in members.items() if each is not None}
        return {
            "Ref": self.reference, "Fn::Sub": self.substitute, "Fn::Equals": self.equals,
            "Fn::If": self.choose, "Fn::Not": lambda operand: not self.value(operand[0]),
        }[function](argument)

    def reference(self, name):
        return self.names[name] if name in self.names else f"<{name}>"

    def substitute(self, argument):
        text, extra = argument if isinstance(argument, list) else (argument, {})
        values = {name: self.value(each) for name, each in extra.items()}
        return re.sub(r"\$\{([^}]+)\}", lambda found: values.get(found[1]) or self.reference(found[1]), text)

    def equals(self, argument):
        left, right = self.value(argument)
        return left == right

    def choose(self, argument):
        condition, yes, no = argument
        return self.value(yes if self.holds(condition) else no)

    def trust(self, role):
        (statement,) = self.resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        return statement

    def statements(self, role):
        for policy in self.resources[role]["Properties"]["Policies"]:
            yield from policy["PolicyDocument"]["Statement"]

    def actions(self, role):
        found = set()
        for statement in self.statements(role):
            action = statement["Action"]
            found |= set(action if isinstance(action, list) else [action])
        return found

    def resources_of(self, role):
        for statement in self.statements(role):
            resource = statement["Resource"]
            yield from resource if isinstance(resource, list) else [resource]


class Trust(unittest.TestCase):
    def subject(self, role, **given):
        return Resolved(**REPOSITORY, **given).trust(role)["Condition"]["StringEquals"][f"{GITHUB}:sub"]

    def test_the_token_must_be_for_aws_of_one_subject_and_one_branch(self):
        for role, subject in (("PlanRole", "nonprod-plan"), ("UploadRole", "nonprod")):
            trust = Resolved(**REPOSITORY).trust(role)
            self.assertEqual(trust["Action"], "sts:AssumeRoleWithWebIdentity")
            self.assertEqual(trust["Principal"], {"Federated": "<Provider>"})
            self.assertEqual(trust["Condition"], {"StringEquals": {
                f"{GITHUB}:aud": "sts.amazonaws.com",
                f"{GITHUB}:sub": f"repo:octo/images:environment:{subject}",
                f"{GITHUB}:ref": "refs/heads/main",
            }})

    def test_a_repository_with_an_immutable_subject_is_named_with_its_numbers(self):
        numbers = {"OwnerId": "583231", "RepositoryId": "1296269"}
        self.assertEqual(self.subject("PlanRole", **numbers), "repo:octo@583231/images@1296269:environment:nonprod-plan")
        self.assertEqual(self.subject("UploadRole", **numbers), "repo:octo@583231/images@1296269:environment:nonprod")

    def test_a_branch_may_be_trusted_instead_of_an_environment(self):
        main = "ref:refs/heads/main"
        self.assertEqual(self.subject("UploadRole", UploadSubject=main), f"repo:octo/images:{main}")
        self.assertEqual(self.subject("PlanRole", PlanSubject=main), f"repo:octo/images:{main}")

    def test_no_subject_can_be_a_pattern(self):
        for name in ("PlanSubject", "UploadSubject"):
            for value in ("*", "ref:refs/heads/*", "pull_request", "environment:*", "ref:refs/tags/v1"):
                with self.assertRaises(AssertionError, msg=value):
                    Resolved(**REPOSITORY, **{name: value})

    def test_the_branch_is_not_asked_for_where_iam_does_not_know_it(self):
        conditions = Resolved(**REPOSITORY, Branch="").trust("UploadRole")["Condition"]["StringEquals"]
        self.assertEqual(conditions.keys(), {f"{GITHUB}:aud", f"{GITHUB}:sub"})

    def test_a_provider_that_is_there_is_used(self):
        arn = f"arn:aws-us-gov:iam::111122223333:oidc-provider/{GITHUB}"
        resolved = Resolved(**REPOSITORY, ProviderArn=arn)
        self.assertNotIn("Provider", resolved.resources)
        for role in ("PlanRole", "UploadRole"):
            self.assertEqual(resolved.trust(role)["Principal"], {"Federated": arn})
        self.assertEqual(Resolved(**REPOSITORY).resources["Provider"]["DeletionPolicy"], "Retain")


class Rights(unittest.TestCase):
    def setUp(self):
        self.resolved = Resolved(**REPOSITORY, Environment="prod")

    def test_who_uploads_can_do_these_two_things_and_nothing_else(self):
        self.assertEqual(list(self.resolved.statements("UploadRole")), [
            {
                "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": "arn:aws:s3:::goldsmith-prod-documents-111122223333-us-east-1/*",
            },
            {
                "Effect": "Allow", "Action": "lambda:InvokeFunction",
                "Resource": "arn:aws:lambda:us-east-1:111122223333:function:goldsmith-prod-reconcile",
            },
        ])
        self.assertNotIn("ManagedPolicyArns", self.resolved.resources["UploadRole"]["Properties"])

    def test_who_plans_only_reads(self):
        reads = ("Get", "List", "Describe")
        changes = [each for each in self.resolved.actions("PlanRole") if not each.split(":")[1].startswith(reads)]
        self.assertEqual(changes, [])
        self.assertNotIn("ManagedPolicyArns", self.resolved.resources["PlanRole"]["Properties"])

    def test_who_plans_reads_no_images_and_no_other_environment(self):
        objects = [each for each in self.resolved.resources_of("PlanRole") if ":s3:::" in each and "/" in each]
        self.assertEqual(objects, [
            "arn:aws:s3:::goldsmith-prod-documents-111122223333-us-east-1/*",
            "arn:aws:s3:::goldsmith-prod-output-111122223333-us-east-1/reports/*",
        ])

    def test_everything_is_in_the_partition_of_the_region(self):
        resolved = Resolved(partition="aws-us-gov", **REPOSITORY)
        for role in ("PlanRole", "UploadRole"):
            for resource in resolved.resources_of(role):
                self.assertTrue(resource == "*" or resource.startswith("arn:aws-us-gov:"), resource)

    def test_only_what_takes_no_resource_has_none(self):
        anywhere = ("ec2:Describe", "imagebuilder:List", "servicequotas:")
        for role in ("PlanRole", "UploadRole"):
            for statement in self.resolved.statements(role):
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                if statement["Resource"] == "*":
                    self.assertTrue(all(each.startswith(anywhere) for each in actions), actions)


if __name__ == "__main__":
    unittest.main()
