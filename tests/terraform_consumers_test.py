"""That the modules for consumers and further Regions make what the templates of their names make.

As terraform_test.py, on an embedded AWS for each. Run it with the Python of target/venv/stack: `make terraform` does.
"""

import concurrent.futures
import json
import pathlib
import shutil
import tempfile
import unittest

import deployments
import readback
from comparison import differences
from deployments import Terraform, access
from embedded import Ministack, Stack

CONSUMER, BUILDING = "222222222222", "111122223333"
KEYS = [f"arn:aws:kms:us-east-1:{BUILDING}:key/1234abcd-12ab-34cd-56ef-1234567890ab"]
ROOT = pathlib.Path(__file__).parent / "terraform" / "consumer"
PROFILES = f"arn:aws:iam::{CONSUMER}:instance-profile/"
TEMPLATES = {
    "consumer-account.yaml": {
        "BuildingAccount": BUILDING, "KeyArns": ",".join(KEYS), "LaunchRoleName": "launch", "CopyRole": "make",
        "OwnKeyArns": f"arn:aws:kms:us-east-1:{CONSUMER}:key/0987dcba-09fe-87dc-65ba-ab0987654321",
        "LifecycleRole": "make", "WriteParameters": "true",
        "FurtherDistributionRoles": f"arn:aws:iam::{BUILDING}:role/goldsmith-prod-DistributionRole-*",
        "VerifierArns": f"arn:aws:iam::{BUILDING}:role/deploy/goldsmith-verify",
        "VerifySubnetIds": "subnet-0a1b2c3d,subnet-0a1b2c3d4e5f60718", "VerifyInstanceTypes": "m6i.large,m7g.large",
    },
    "consumer-rebuild.yaml": {"BuildingAccount": BUILDING, "ParameterPrefix": "/images/"},
    "region.yaml": {},
}


class Consumers(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        directory = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.aws = {name: cls.enterClassContext(Ministack()) for name in ("template", "module")}
        for aws in cls.aws.values():
            aws.client("iam", CONSUMER).create_role(RoleName="launch", AssumeRolePolicyDocument='{"Statement": []}')
        cls.terraform = Terraform(directory, access(cls.aws["module"], CONSUMER), "consumer")
        shutil.copytree(ROOT, cls.terraform.folder)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            deployed = [pool.submit(cls.deploy_templates), pool.submit(cls.deploy_modules)]
            cls.outputs = [each.result() for each in deployed]

    @classmethod
    def deploy_templates(cls):
        client = cls.aws["template"].client("cloudformation", CONSUMER)
        return [Stack(client, f"{readback.STACK}-{name.split('.')[0]}", name).deploy("create", **given)
                for name, given in TEMPLATES.items()]

    @classmethod
    def deploy_modules(cls):
        cls.terraform.init()
        cls.terraform.apply(f"-var=key_arns={json.dumps(KEYS)}")
        return json.loads(cls.terraform.run("output", "-json"))["all"]["value"]

    def test_they_make_the_same(self):
        worlds = [readback.read(self.aws[name], CONSUMER) for name in ("template", "module")]
        self.assertEqual("", differences("consumer", *worlds))
        # The launching role, four for the building side, and the build instances'.
        self.assertEqual([len(each["roles"]) for each in worlds], [7, 7])
        self.assertEqual([len(each["keys"]) for each in worlds], [1, 1])

    def test_their_outputs_are_the_same(self):
        for template, module in zip(*self.outputs):
            self.assertEqual(template.keys(), module.keys())
            for name in template.keys() - {"KeyArn"}:
                # A template's !Ref of a profile is its name on AWS, and its ARN on the embedded AWS.
                self.assertEqual(template[name].removeprefix(PROFILES), module[name], name)

    def test_a_second_plan_is_empty(self):
        self.assertEqual(self.terraform.planned(f"-var=key_arns={json.dumps(KEYS)}"), {})


def main():
    reason = deployments.missing()
    if reason:
        print(f"SKIPPED: the Terraform modules for consumers are not deployed, {reason}")
        return
    unittest.main()


if __name__ == "__main__":
    main()
