"""That `goldsmith consumer` prints the policies that infra/consumer-account.yaml makes.

The text is the one that the command's own tests hold it to, written by hand; the template is resolved with
the parameters of the deploy command in that text. Run it with the Python of target/venv/stack:
`make template` does.
"""

import json
import pathlib
import re
import shlex
import textwrap
import unittest

from resolved import Resolved, listed

TEXT = pathlib.Path(__file__).parents[1] / "crates/cli/src/consumer/golden/copy.txt"
COMMAND = re.compile(r"^    aws cloudformation deploy (?:.*\\\n)+.*\n", re.MULTILINE)
BLOCK = re.compile(r"^  (Trust policy|Inline policy \S+):\n((?:    .*\n)+)", re.MULTILINE)


def printed(text):
    """Of each role in the text its documents by title."""
    sections = re.findall(r"^Role (\S+)\n((?:  .*\n)+)", text, re.MULTILINE)
    return {
        role: {title: json.loads(textwrap.dedent(block)) for title, block in BLOCK.findall(body)}
        for role, body in sections
    }


def made(resolved):
    """The same of the template. What the function of the stack logs is nothing to do by hand."""
    roles = {}
    for name, each in resolved.resources.items():
        properties = each["Properties"]
        if each["Type"] == "AWS::IAM::Role":
            documents = {f"Inline policy {policy['PolicyName']}": policy["PolicyDocument"]
                         for policy in properties.get("Policies", []) if policy["PolicyName"] != "log"}
            documents["Trust policy"] = properties["AssumeRolePolicyDocument"]
            assert "ManagedPolicyArns" not in properties, name
            roles[name] = (properties["RoleName"], documents)
    for each in resolved.resources.values():
        properties = each["Properties"]
        if each["Type"] == "AWS::IAM::Policy":
            (role,) = properties["Roles"]
            known = roles.setdefault(role.strip("<>"), (role, {}))
            known[1][f"Inline policy {properties['PolicyName']}"] = properties["PolicyDocument"]
    return dict(roles.values())


class Text(unittest.TestCase):
    def setUp(self):
        self.text = TEXT.read_text()
        (command,) = COMMAND.findall(self.text)
        words = shlex.split(command.replace("\\\n", " "))
        self.parameters = dict(word.split("=", 1) for word in words[words.index("--parameter-overrides") + 1:])
        self.resolved = Resolved("consumer-account.yaml", account="222222222222", **self.parameters)

    def test_the_parameters_are_read(self):
        self.assertEqual(self.parameters.keys(), {
            "BuildingAccount", "Environment", "KeyArns", "OwnKeyArns", "LaunchRoleName", "AutoScaling", "CopyRole",
            "WriteParameters", "VerifierArns", "VerifySubnetIds", "VerifyInstanceTypes",
        })

    def test_roles_and_policies_are_those_of_the_template(self):
        made_there, printed_here = made(self.resolved), printed(self.text)
        # By hand a person assumes it, in the stack a function.
        del made_there["goldsmith-nonprod-grant-admin"]["Trust policy"]
        self.assertEqual(len(made_there), 5)
        self.assertEqual(printed_here.keys(), made_there.keys())
        for role in made_there:
            self.assertEqual(printed_here[role], made_there[role], role)

    def test_grants_are_those_that_the_stack_makes(self):
        commands = re.findall(r"aws kms create-grant .*?\n\n", self.text, re.DOTALL)
        self.assertEqual(len(commands), 2)
        (statement,) = [each for each in self.resolved.statements("GrantAdminRole") if "Condition" in each]
        condition = statement["Condition"]
        grants = self.resolved.resources["AutoScalingGrants"]["Properties"]
        for command in commands:
            given = dict(re.findall(r"--(\S+) ((?:[^\s\\-]\S* ?)+)", command))
            self.assertEqual(given["operations"].split(), condition["ForAllValues:StringEquals"]["kms:GrantOperations"])
            self.assertEqual(given["grantee-principal"].strip(), grants["Grantee"])
            self.assertIn(given["key-id"].strip(), listed(statement["Resource"]))
            self.assertEqual(given["key-id"].split(":")[3], given["region"].strip())


if __name__ == "__main__":
    unittest.main()
