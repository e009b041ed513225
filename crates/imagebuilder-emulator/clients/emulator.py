"""Starts the emulator for the Python tests, and makes boto3 clients whose answers are judged.

botocore parses every answer; besides, each body is compared with the output shape of its
operation, because botocore drops what it does not know in silence.
"""

import contextlib
import json
import pathlib
import subprocess
import urllib.request

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.handlers import generate_idempotent_uuid

ROOT = pathlib.Path(__file__).resolve().parents[3]
BINARY = ROOT / "target" / "debug" / "imagebuilder-emulator"
ACCOUNT = "111122223333"


def python_name(operation):
    """`CreateImage` as a method of a client."""
    return xform_name(operation)


class Unlike(AssertionError):
    """An answer that is not what the model says."""


class Emulator:
    """A running emulator."""

    def __init__(self, url):
        self.url = url

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_emulator/{path}", data=data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def client(self, service="imagebuilder", account=ACCOUNT, region="us-east-1"):
        """A client that sends what it is told, once, and judges what it gets."""
        client = boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="test",
            config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
        )
        if service == "imagebuilder":
            client.meta.events.register(f"after-call.{service}", judge)
            client.meta.events.unregister("before-parameter-build", generate_idempotent_uuid)
        return client


@contextlib.contextmanager
def running(*flags, clock="manual"):
    """An emulator on a free port, stopped at the end."""
    command = [BINARY, "--listen", "127.0.0.1:0", "--clock", clock, *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Emulator(process.stdout.readline().removeprefix("listening on ").strip())
        finally:
            process.terminate()


def judge(http_response, model, **_):
    """Fails if the body of a success is not what the output shape says."""
    if http_response.status_code < 300:
        compare(json.loads(http_response.content or b"{}"), model.output_shape, model.name)


KINDS = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "double": (int, float),
    "float": (int, float),
    "timestamp": (int, float),
    "list": list,
    "map": dict,
    "structure": dict,
}


def compare(value, shape, path):
    if isinstance(value, bool) and shape.type_name != "boolean" or not isinstance(value, KINDS[shape.type_name]):
        raise Unlike(f"{path} is {value!r}, expected a {shape.type_name}")
    if shape.type_name == "structure":
        for name, member in value.items():
            if name not in shape.members:
                raise Unlike(f"{path} has the member {name}, which the model does not know")
            compare(member, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "list":
        for index, item in enumerate(value):
            compare(item, shape.member, f"{path}[{index}]")
    elif shape.type_name == "map":
        for key, item in value.items():
            compare(item, shape.value, f"{path}[{key}]")
    elif getattr(shape, "enum", None) and value not in shape.enum:
        raise Unlike(f"{path} is {value!r}, expected one of {shape.enum}")
