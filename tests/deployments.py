"""The two ways to deploy the stack, each to an embedded AWS of its own: CloudFormation and Terraform."""

import os
import pathlib
import re
import shutil
import subprocess
import zipfile

import boto3

from embedded import INFRA, Stack
from readback import ACCOUNT, STACK

ARTIFACTS, STATES = "artifacts", "mstr-terraform-states"
# How `terraform plan -detailed-exitcode` ends.
EMPTY, CHANGES = 0, 2
CODE_URI = re.compile(r"^(\s*CodeUri:\s*).*$", re.MULTILINE)


def zip_of(path, text):
    """A zip of one small program: what is deployed does not depend on what the functions do."""
    with zipfile.ZipFile(path, "w") as archive:
        # The same bytes each time.
        archive.writestr(zipfile.ZipInfo("bootstrap", (2026, 1, 1, 0, 0, 0)), text)
    return path


class Template(Stack):
    """infra/template.yaml, packaged as `sam deploy` does it. A call takes 51,200 bytes of template, a URL more."""

    def __init__(self, aws, code):
        super().__init__(aws.client("cloudformation", ACCOUNT), STACK, "template.yaml")
        s3 = aws.client("s3", ACCOUNT)
        s3.create_bucket(Bucket=ARTIFACTS)
        s3.put_object(Bucket=ARTIFACTS, Key="functions.zip", Body=code.read_bytes())
        packaged = CODE_URI.sub(rf"\1s3://{ARTIFACTS}/functions.zip", self.body)
        s3.put_object(Bucket=ARTIFACTS, Key="template.yaml", Body=packaged.encode())

    def source(self):
        return {"TemplateURL": f"https://s3.amazonaws.com/{ARTIFACTS}/template.yaml"}


class Terraform:
    """A configuration of infra/terraform in a folder of its own, with the provider of the mirror.

    `aws` are the variables that say where AWS is, and whose credentials these are.
    """

    def __init__(self, folder, aws, configuration):
        root = pathlib.Path(folder) / "terraform"
        shutil.copytree(INFRA / "terraform", root, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        self.folder = root / configuration
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1",
            "AWS_EC2_METADATA_DISABLED": "true", **aws,
        }

    def run(self, *arguments, expected=0):
        """What the command prints, if it ends with this code."""
        command = ["terraform", *arguments, "-no-color"]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        if done.returncode not in (expected if isinstance(expected, tuple) else (expected,)):
            raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stdout[-9000:]}{done.stderr}")
        self.code = done.returncode
        return done.stdout + done.stderr

    def init(self, *arguments):
        self.run("init", "-input=false", *plugins(), *arguments)

    def apply(self, *arguments):
        """The provider mostly waits, so that all of it may wait at once."""
        return self.run("apply", "-auto-approve", "-input=false", "-parallelism=60", *arguments)

    def planned(self, *arguments):
        """What a plan would change: addresses and what happens to each; nothing if the plan is empty."""
        detailed = ("plan", "-input=false", "-parallelism=60", "-out=plan", "-detailed-exitcode", *arguments)
        said = self.run(*detailed, expected=(EMPTY, CHANGES))
        changes = dict(re.findall(r"^  # (\S+) (?:will|must) be (.+)$", said, re.MULTILINE))
        if bool(changes) != (self.code == CHANGES):
            raise AssertionError(f"what the plan changes is not understood:\n{said[-9000:]}")
        return changes


def access(aws, account=ACCOUNT):
    """The variables with which an account's root reaches a ministack."""
    return {
        "AWS_ENDPOINT_URL": aws.url, "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }


def make_bucket(aws, name):
    client = boto3.client(
        "s3", endpoint_url=aws["AWS_ENDPOINT_URL"], region_name=aws["AWS_REGION"],
        aws_access_key_id=aws["AWS_ACCESS_KEY_ID"], aws_secret_access_key=aws["AWS_SECRET_ACCESS_KEY"],
    )
    client.create_bucket(Bucket=name)


def plugins():
    mirror = os.environ.get("TF_PLUGIN_DIR")
    return [f"-plugin-dir={mirror}"] if mirror else []


def missing():
    """Why Terraform cannot run here, or nothing."""
    if not shutil.which("terraform"):
        return "there is no terraform command"
    return None if os.environ.get("TF_PLUGIN_DIR") else "TF_PLUGIN_DIR names no mirror of its provider"
