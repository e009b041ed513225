"""That what deploys the templates for people gives them parameters that they have, with values that they take.

infra/samconfig.toml, infra/consumers-stackset.yaml and the Terraform example for forty consumers; and that a
parameter for every role reaches every role. Run it with the
Python of target/venv/stack: `make template` does.
"""

import re
import tomllib
import unittest

from resolved import INFRA, Resolved

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


class Settings(unittest.TestCase):
    def test_sam_deploys_an_environment_under_the_name_that_the_command_line_expects(self):
        config = tomllib.loads((INFRA / "samconfig.toml").read_text())
        environments = config.keys() - {"version"}
        self.assertEqual(environments, {"nonprod", "prod"})
        for name in environments:
            given = config[name]["deploy"]["parameters"]
            overrides = dict(each.split("=", 1) for each in given["parameter_overrides"].split())
            self.assertEqual(overrides["Environment"], name)
            self.assertEqual(given["stack_name"], f"goldsmith-{name}")
            self.assertTrue(given["confirm_changeset"])
            # Resolving checks each value as CloudFormation does.
            numbers = {key: int(value) if value.isdigit() else value for key, value in overrides.items()}
            functions = Resolved("template.yaml", **numbers).resources
            self.assertEqual(functions["Reconcile"]["Properties"]["FunctionName"], f"goldsmith-{name}-reconcile")

    def test_the_boundary_bounds_every_role(self):
        boundary = "arn:aws:iam::111122223333:policy/boundary"
        for given, expected in ({"PermissionsBoundaryArn": boundary}, boundary), ({}, "<Boundary>"):
            resources = Resolved("template.yaml", **given).resources.values()
            roles = [each["Properties"] for each in resources if each["Type"] == "AWS::IAM::Role"]
            self.assertEqual([each.get("PermissionsBoundary") for each in roles], [expected] * 5)

    def test_the_stack_set_gives_what_the_consumers_template_takes(self):
        given = {"TemplateUrl": "https://templates.s3.amazonaws.com/consumer-account.yaml",
                 "OrganizationalUnitIds": "ou-a1b2-c3d4e5f6", "BuildingAccount": "111122223333", "KeyArns": KEY}
        stack_set = Resolved("consumers-stackset.yaml", **given)
        properties = stack_set.resources["Consumers"]["Properties"]
        passed = {each["ParameterKey"]: each["ParameterValue"] for each in properties["Parameters"]}
        Resolved("consumer-account.yaml", **passed)
        # Each is one of the template's, with its pattern and its default.
        consumer = Resolved("consumer-account.yaml", **passed).template["Parameters"]
        for name in passed:
            mine = stack_set.template["Parameters"][name]
            for property in "AllowedPattern", "AllowedValues", "Default":
                self.assertEqual(mine.get(property), consumer[name].get(property), f"{name}.{property}")

    def test_the_example_for_forty_consumers_gives_what_the_template_takes(self):
        text = (INFRA / "terraform/examples/forty-consumers/main.tf").read_text()
        parameters = Resolved("consumer-account.yaml", BuildingAccount="111122223333", KeyArns=KEY).template["Parameters"]
        named = set(re.findall(r"^    ([A-Z]\w+) +=", text, re.MULTILINE))
        self.assertGreaterEqual(named, {"BuildingAccount", "KeyArns", "CopyRole", "LaunchRoleName"})
        self.assertLessEqual(named, parameters.keys())


if __name__ == "__main__":
    unittest.main()
