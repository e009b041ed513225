"""That the variables of the Terraform modules take what the parameters of the templates take, and nothing else.

Each text of a list is given to both: to the template's AllowedPattern and AllowedValues, and to the module's
conditions. Run it with the Python of target/venv/stack: `make template` does.
"""

import json
import re
import unittest

from resolved import INFRA, checked
from samtranslator.yaml_helper import yaml_parse

MODULES = {
    "template.yaml": "terraform",
    "region.yaml": "terraform/modules/region",
    "consumer-account.yaml": "terraform/modules/consumer-account",
    "consumer-rebuild.yaml": "terraform/modules/consumer-rebuild",
}
# What only one of the two has, and why.
ONLY_TERRAFORM = {
    "zip": "SAM finds the zip in the template",
    "existing_topic_arn": "Terraform's for now", "existing_topic_key_arn": "as above",
    "existing_instance_profile": "as above",
}
ONLY_TEMPLATE = {
    "AutoScaling": "the provider cannot read grants on another account's key back", "GranteeRoleArn": "as above",
}

ARN = "arn:aws:iam::111122223333:role"
KEY = "arn:aws:kms:us-east-1:111122223333:key"
TEXTS = [
    "nonprod", "n", "ab", "abcdefghijkl", "abcdefghijklm", "Prod", "1a", "a-b", "prod ", "*",
    "/goldsmith/", "/goldsmith", "goldsmith/", "/a/b/", "//", "/a//b/", "/aws/", "/AWS/service/", "/ssmx/", "/xaws/",
    "/a/aws/", "/a b/", "/a*/",
    f"{ARN}/upload", f"{ARN}/up*", f"{ARN}/*", f"{ARN}/path/upload", f"{ARN}/up", f"{ARN}/upload**", "arn:aws:iam::1:role/upload",
    "arn:aws-cn:iam::111122223333:user/people", "arn:aws:iam::111122223333:root", f"{ARN}/sso_abc_*", f"{ARN}/sso_*/abc",
    "goldsmith-documents", "UPPER", "a.b", "-bucket", "bucket-", "ab/c", "x" * 63, "x" * 64,
    f"{KEY}/1234abcd-12ab-34cd-56ef-1234567890ab", f"{KEY}/mrk-1234abcd12ab34cd56ef1234567890ab", f"{KEY}/*",
    f"{KEY}/mrk-short", f"{KEY}/{'a' * 32}", "alias/x", "arn:aws:kms:us-east-1:111122223333:alias/goldsmith",
    "111122223333", "11112222333", "1111222233334",
    "images", "My-Stack1", "1stack", "s" * 38, "s" * 39, "gold*", "make", "exist", "none", "Make",
    f"{ARN}/goldsmith-prod-DistributionRole-*", f"{ARN}/*-DistributionRole-*", f"{ARN}/goldsmith-prod-DistributionRole-x",
    "subnet-0a1b2c3d", "subnet-0a1b2c3d4e5f60718", "subnet-*", "subnet-0a1b2c3", "vpc-0a1b2c3d",
    "t3.micro", "m6i.large", "m6i.*", "m6i", "u-6tb1.metal", "x86_64", "arm64", "aarch64", "DEBUG", "INFO", "ERROR", "info", "TRACE", "FATAL",
    "true", "false", "launch", "role/launch",
    "arn:aws:iam::111122223333:policy/boundary", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
    "arn:aws:iam::111122223333:policy/*", "a\nb", "nonprod\n",
]


def variables(module):
    """By name, what is between the braces of each variable."""
    text = (INFRA / module / "variables.tf").read_text()
    return dict(re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL))


def takes(body, text):
    """Whether the conditions of a variable take a text, or a list of it alone."""
    if "type        = bool" in body:
        return text in ("true", "false")
    for negated, quoted in re.findall(r'(!?)can\(regex\(("(?:[^"\\]|\\.)*")', body):
        # RE2's $ is the very end of the text, Python's \Z.
        pattern = re.sub(r"\$$", r"\\Z", json.loads(quoted))
        if bool(re.search(pattern, text)) == bool(negated):
            return False
    allowed = re.search(r"contains\(\s*(\[[^\]]*\])", body)
    return not allowed or text in [str(each) for each in json.loads(allowed[1])]


def accepts(name, parameter, text):
    try:
        checked(name, parameter, text)
    except AssertionError:
        return False
    return True


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Variables(unittest.TestCase):
    def test_the_names_are_the_same(self):
        for template, module in MODULES.items():
            parameters = yaml_parse((INFRA / template).read_text())["Parameters"]
            expected = {snake(each) for each in parameters.keys() - ONLY_TEMPLATE.keys()}
            self.assertEqual(variables(module).keys() - ONLY_TERRAFORM.keys(), expected, module)

    def test_they_take_the_same_texts(self):
        taken = 0
        for template, module in MODULES.items():
            parameters = yaml_parse((INFRA / template).read_text())["Parameters"]
            for name in parameters.keys() - ONLY_TEMPLATE.keys() - {"LogRetentionDays"}:
                body = variables(module)[snake(name)]
                for text in TEXTS:
                    with self.subTest(module=module, variable=name, text=text):
                        expected = accepts(name, parameters[name], text)
                        self.assertEqual(takes(body, text), expected)
                        taken += expected
        # Each kind of text is taken by something.
        self.assertGreater(taken, len(TEXTS))

    def test_logs_are_kept_for_the_same_days(self):
        allowed = yaml_parse((INFRA / "template.yaml").read_text())["Parameters"]["LogRetentionDays"]["AllowedValues"]
        body = variables("terraform")["log_retention_days"]
        self.assertEqual(json.loads(re.search(r"contains\(\s*(\[[^\]]*\])", body)[1]), allowed)

    def test_the_defaults_are_the_same(self):
        empty = {"null": "", "[]": ""}
        for template, module in MODULES.items():
            parameters = yaml_parse((INFRA / template).read_text())["Parameters"]
            for name in parameters.keys() - ONLY_TEMPLATE.keys():
                default = re.search(r"^  default +=\s*(.*)$", variables(module)[snake(name)], re.MULTILINE)
                given = empty.get(default[1], default[1].strip('"')) if default else None
                if given and given.startswith("["):
                    given = ",".join(json.loads(given))
                expected = parameters[name].get("Default")
                self.assertEqual(given, expected if expected is None else str(expected), f"{module}: {name}")


if __name__ == "__main__":
    unittest.main()
