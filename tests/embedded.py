"""A ministack of our own for one test, with nothing deployed to it."""

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading

import boto3

ROOT = pathlib.Path(__file__).parents[1]
INFRA = ROOT / "infra"
# It ends with whoever started it.
LAUNCHER = (ROOT / "crates/local-stack/src/ministack.py").read_text()
# It prints this line once it listens.
BOUND = "Running on http"
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


class Ministack:
    """A ministack of our own for one test; its functions' processes are in its group."""

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.directory = tempfile.TemporaryDirectory()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            "PATH": os.environ["PATH"], "HOME": self.directory.name, "RUNNING": self.directory.name,
            # It lists the accounts that do not exist, of which there are none.
            "UNKNOWN_ACCOUNTS": tempfile.mkdtemp(dir=self.directory.name),
            "GATEWAY_PORT": str(self.port), "BIND_HOST": "127.0.0.1", "AWS_ENDPOINT_URL": self.url,
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

    def client(self, service, account, region="us-east-1"):
        """ministack takes the access key for the account."""
        return boto3.client(
            service, endpoint_url=self.url, region_name=region,
            aws_access_key_id=account, aws_secret_access_key="secret",
        )


class Stack:
    def __init__(self, client, name, template):
        self.client, self.name, self.body = client, name, (INFRA / template).read_text()

    def deploy(self, kind, **parameters):
        """The outputs, once `create_stack` or `update_stack` is through."""
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        call = getattr(self.client, f"{kind}_stack")
        call(StackName=self.name, Parameters=given, Capabilities=CAPABILITIES, **self.source())
        self.wait(kind)
        (stack,) = self.client.describe_stacks(StackName=self.name)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    def source(self):
        return {"TemplateBody": self.body}

    def delete(self):
        self.client.delete_stack(StackName=self.name)
        self.wait("delete")

    def wait(self, kind):
        config = {"Delay": 1, "MaxAttempts": 60}
        self.client.get_waiter(f"stack_{kind}_complete").wait(StackName=self.name, WaiterConfig=config)
