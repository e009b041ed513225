"""That infra/consumer-account.yaml and infra/region.yaml can be deployed, changed and deleted, on ministack.

The function runs there as Lambda runs it and answers CloudFormation itself. ministack knows no other
account's keys: the keys are the consumer's own. Run it with the Python of target/venv/stack:
`make template` does.
"""

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

import boto3

ROOT = pathlib.Path(__file__).parents[1]
INFRA = ROOT / "infra"
# It ends with whoever started it.
LAUNCHER = (ROOT / "crates/local-stack/src/ministack.py").read_text()
CONSUMER, BUILDING = "222222222222", "111122223333"
ROLES = f"arn:aws:iam::{BUILDING}:role"
VERIFIER = f"{ROLES}/goldsmith-verify"
STACK = "goldsmith-consumer-nonprod"
# It prints this line once it listens.
BOUND = "Running on http"


class Ministack:
    """A ministack of our own for one test; its functions' processes are in its group."""

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.directory = tempfile.TemporaryDirectory()
        environment = {
            "PATH": os.environ["PATH"], "HOME": self.directory.name, "RUNNING": self.directory.name,
            "GATEWAY_PORT": str(self.port), "BIND_HOST": "127.0.0.1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "IOT_MTLS_ENABLED": "false", "SFTP_ENABLED": "false",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER], env=environment, start_new_session=True, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        log = ""
        for line in self.process.stdout:
            log += line
            if BOUND in line:
                self.rest = threading.Thread(target=self.process.stdout.read)
                self.rest.start()
                return self
        raise AssertionError(log)

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.rest.join()
        self.process.stdout.close()
        self.directory.cleanup()

    def client(self, service, account=CONSUMER, region="us-east-1"):
        """ministack takes the access key for the account."""
        return boto3.client(
            service, endpoint_url=f"http://127.0.0.1:{self.port}", region_name=region,
            aws_access_key_id=account, aws_secret_access_key="secret",
        )


class Stack:
    def __init__(self, client, name, template):
        self.client, self.name, self.body = client, name, (INFRA / template).read_text()

    def deploy(self, kind, **parameters):
        """The outputs, once `create_stack` or `update_stack` is through."""
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        call = getattr(self.client, f"{kind}_stack")
        call(StackName=self.name, TemplateBody=self.body, Parameters=given, Capabilities=["CAPABILITY_NAMED_IAM"])
        self.wait(kind)
        (stack,) = self.client.describe_stacks(StackName=self.name)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    def delete(self):
        self.client.delete_stack(StackName=self.name)
        self.wait("delete")

    def wait(self, kind):
        config = {"Delay": 1, "MaxAttempts": 60}
        self.client.get_waiter(f"stack_{kind}_complete").wait(StackName=self.name, WaiterConfig=config)


class Deployed(unittest.TestCase):
    def setUp(self):
        self.aws = self.enterContext(Ministack())

    def grants(self, key):
        """Who got how many operations on the key."""
        kms = self.aws.client("kms", region=key.split(":")[3])
        return [(each["GranteePrincipal"].split("/")[-1], len(each["Operations"]))
                for each in kms.list_grants(KeyId=key)["Grants"]]

    def test_a_consumers_stack_comes_changes_and_goes(self):
        east, west = [
            self.aws.client("kms", region=region).create_key()["KeyMetadata"]["Arn"]
            for region in ("us-east-1", "eu-west-1")
        ]
        iam = self.aws.client("iam")
        iam.create_role(RoleName="launch", AssumeRolePolicyDocument="{}")
        stack = Stack(self.aws.client("cloudformation"), STACK, "consumer-account.yaml")
        given = {
            "BuildingAccount": BUILDING, "LaunchRoleName": "launch", "AutoScaling": "true", "CopyRole": "make",
            "WriteParameters": "true", "VerifierArns": VERIFIER, "VerifySubnetIds": "subnet-0a1b2c3d",
        }

        outputs = stack.deploy("create", KeyArns=east, **given)
        self.assertEqual(outputs["GrantAdminRole"], f"arn:aws:iam::{CONSUMER}:role/goldsmith-nonprod-grant-admin")
        auto_scaling = ("AWSServiceRoleForAutoScaling", 8)
        self.assertEqual((self.grants(east), self.grants(west)), ([auto_scaling], []))
        policy = iam.get_role_policy(RoleName="launch", PolicyName="goldsmith-nonprod-keys")["PolicyDocument"]
        self.assertEqual([each["Resource"] for each in policy["Statement"]], [[east], [east]])

        for role, comes_in in (
            ("goldsmith-nonprod-verify", [VERIFIER]),
            ("EC2ImageBuilderDistributionCrossAccountRole", [f"{ROLES}/goldsmith-nonprod-DistributionRole-*"]),
            ("goldsmith-nonprod-parameters",
             [f"{ROLES}/goldsmith-nonprod-{each}-*" for each in ("ReconcileRole", "ImageEventsRole")]),
        ):
            (trust,) = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"]
            self.assertEqual(trust["Condition"], {"ArnLike": {"aws:PrincipalArn": comes_in}}, role)

        stack.deploy("update", KeyArns=f"{east},{west}", **given)
        self.assertEqual((self.grants(east), self.grants(west)), ([auto_scaling], [auto_scaling]))

        stack.delete()
        self.assertEqual((self.grants(east), self.grants(west)), ([], []))

    def test_a_stack_that_asks_for_nothing_lets_nobody_in(self):
        stack = Stack(self.aws.client("cloudformation"), STACK, "consumer-account.yaml")
        key = self.aws.client("kms").create_key()["KeyMetadata"]["Arn"]
        self.assertEqual(stack.deploy("create", BuildingAccount=BUILDING, KeyArns=key), {})
        self.assertEqual(self.aws.client("iam").list_roles()["Roles"], [])

    def test_a_further_region_gets_its_key(self):
        stack = Stack(
            self.aws.client("cloudformation", BUILDING, "eu-west-1"), "goldsmith-nonprod-region", "region.yaml"
        )
        key = stack.deploy("create")["KeyArn"]
        self.assertTrue(key.startswith(f"arn:aws:kms:eu-west-1:{BUILDING}:key/"), key)
        kms = self.aws.client("kms", BUILDING, "eu-west-1")
        self.assertEqual(kms.describe_key(KeyId="alias/goldsmith-nonprod")["KeyMetadata"]["Arn"], key)


if __name__ == "__main__":
    unittest.main()
