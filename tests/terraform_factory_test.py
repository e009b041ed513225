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
import time
import unittest

import deployments
from deployments import STATES, Terraform, make_bucket
from embedded import ROOT

COMMANDS = ROOT / "target" / "debug"
BOTH = {"110302", "110304"}
ZIP = ROOT / "target" / "lambda" / "bootstrap" / "bootstrap.zip"


class Empty:
    """`local-stack up --empty`: the embedded AWS with Image Builder, and nothing deployed to it."""

    def __init__(self, directory):
        self.directory = directory

    def __enter__(self):
        command = [COMMANDS / "local-stack", "up", "--empty", "--directory", self.directory]
        # Into a file: nobody reads a pipe while the stack runs, and a full one would stop it.
        self.directory.mkdir(parents=True, exist_ok=True)
        self.said = open(self.directory / "local-stack.log", "w+")
        self.process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=self.said)
        if self.process.stdout.readline() != "ready\n":
            self.__exit__()
            raise AssertionError((self.directory / "local-stack.log").read_text())
        exports = (self.directory / "env").read_text()
        self.environment = dict(re.findall(r"^export (\w+)='(.*)'$", exports, re.MULTILINE))
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate()
        self.said.close()


class Factory(unittest.TestCase):
    """The example, applied, with the documents of ami-versions/nonprod."""

    def setUp(self):
        directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.aws = self.enterContext(Empty(directory / "local"))
        self.terraform = Terraform(directory, self.aws.environment, "examples/nonprod")
        # As the account's root, which uploads here.
        self.given = [f"-var=zip={ZIP}", "-var=uploader_arns=[]"]
        make_bucket(self.aws.environment, STATES)
        self.terraform.init("-backend-config=backend.hcl")
        self.terraform.apply(*self.given)
        # A build takes three seconds here. Waiting for it may begin when it is over, so that nothing is seen of it.
        self.goldsmith("apply", "ami-versions/nonprod", "--yes", "--no-wait")
        self.assertEqual(self.published(), BOTH)

    def goldsmith(self, *arguments):
        environment = {**os.environ, **self.aws.environment}
        command = [COMMANDS / "goldsmith", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        # 3: something needs a person, such as an alarm of a stack that is not two hours old.
        self.assertIn(done.returncode, (0, 3) if arguments[0] == "status" else (0,), done.stdout + done.stderr)
        return done.stdout

    def published(self):
        """The recipes whose images consumers get, once these are both, or two minutes have passed."""
        latest = time.monotonic() + 120
        while True:
            recipes = json.loads(self.goldsmith("status", "--format", "json"))["recipes"]
            found = {each["recipename"] for each in recipes if each["published"]}
            if found == BOTH or time.monotonic() > latest:
                return found
            time.sleep(1)


class Drift(Factory):
    def test_terraform_sees_no_drift_once_reconcile_has_written_what_it_owns(self):
        self.assertEqual(self.terraform.planned(*self.given), {})


def main():
    """Runs the tests of the script that calls it."""
    reason = deployments.missing() or (None if ZIP.exists() else "there is no zip of the functions")
    if reason:
        print(f"SKIPPED: no image is made by way of Terraform, {reason}")
        return
    unittest.main()


if __name__ == "__main__":
    main()
