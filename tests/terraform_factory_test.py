"""That what infra/terraform deploys makes images: docs/deploy.md by Terraform, against the embedded AWS.

The functions may do only what the module's roles allow, and reconcile writes what it owns. It needs what
`make zips build` makes. Run it with the Python of target/venv/stack: `make terraform` does.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import unittest

import deployments
from deployments import STATES, Terraform, make_bucket
from embedded import ROOT

COMMANDS = ROOT / "target" / "debug"
ZIP = ROOT / "target" / "lambda" / "bootstrap" / "bootstrap.zip"


class Empty:
    """`local-stack up --empty`: the embedded AWS with Image Builder, and nothing deployed to it."""

    def __init__(self, directory):
        self.directory = directory

    def __enter__(self):
        command = [COMMANDS / "local-stack", "up", "--empty", "--directory", self.directory]
        self.process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self.process.stdout.readline() != "ready\n":
            raise AssertionError(self.process.stderr.read())
        exports = (self.directory / "env").read_text()
        self.environment = dict(re.findall(r"^export (\w+)='(.*)'$", exports, re.MULTILINE))
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate()


class Factory(unittest.TestCase):
    def setUp(self):
        directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.aws = self.enterContext(Empty(directory / "local"))
        self.terraform = Terraform(directory, self.aws.environment, "examples/nonprod")
        # As the account's root, which uploads here.
        self.given = [f"-var=zip={ZIP}", "-var=uploader_arns=[]"]

    def goldsmith(self, *arguments):
        environment = {**os.environ, **self.aws.environment}
        command = [COMMANDS / "goldsmith", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_a_document_becomes_images_and_terraform_sees_no_drift(self):
        make_bucket(self.aws.environment, STATES)
        self.terraform.init("-backend-config=backend.hcl")
        self.terraform.apply(*self.given)
        self.goldsmith("apply", "ami-versions/nonprod", "--yes", "--wait")
        recipes = json.loads(self.goldsmith("status", "--format", "json"))["recipes"]
        self.assertEqual([bool(each["published"]) for each in recipes], [True, True])
        self.assertEqual(self.terraform.planned(*self.given), {})


def main():
    reason = deployments.missing() or (None if ZIP.exists() else "there is no zip of the functions")
    if reason:
        print(f"SKIPPED: no image is made by way of Terraform, {reason}")
        return
    unittest.main()


if __name__ == "__main__":
    main()
