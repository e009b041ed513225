"""Starts the emulator of EC2 Image Builder that this package brings."""

import contextlib
import json
import os
import shutil
import subprocess
import sysconfig
import urllib.request

__all__ = ["Emulator", "command", "running"]

ACCOUNT = "111122223333"
"""The account that clients belong to, unless they say otherwise."""


class Emulator:
    """A running emulator; `url` is where it listens."""

    def __init__(self, url):
        self.url = url

    def client(self, service="imagebuilder", account=ACCOUNT, region="us-east-1", **more):
        """A boto3 client of `imagebuilder` or `ec2` in an account and a Region. It needs boto3."""
        import boto3  # pylint: disable=import-outside-toplevel

        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="test",
            **more,
        )

    def advance(self, seconds):
        """Moves the clock by a number of seconds, and the builds with it."""
        self.control("POST", "advance", {"seconds": seconds})

    def seed(self, **seed):
        """Adds base images, parameters and other facts; the emulator's README lists them."""
        self.control("POST", "seed", seed)

    def reset(self):
        """Forgets everything."""
        self.control("POST", "reset")

    def health(self):
        """Says that it is ready, with its version and its time."""
        return self.control("GET", "health")

    def control(self, method, path, body=None):
        """Any request to `/_emulator/`; returns its answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_emulator/{path}", data=data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


def command():
    """The path of the command that this package brings; raises FileNotFoundError if it is not there."""
    name = "imagebuilder-emulator"
    schemes = [None, f"{os.name}_user"]
    folders = [sysconfig.get_path("scripts", *filter(None, [scheme])) for scheme in schemes]
    found = shutil.which(name, path=os.pathsep.join(folders)) or shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"there is no {name} in {folders}, nor in PATH")
    return found


@contextlib.contextmanager
def running(*flags):
    """An emulator on a free port, stopped at the end. Without flags its clock only moves by `advance`."""
    arguments = [command(), "--listen", "127.0.0.1:0", *(flags or ("--clock", "manual"))]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            if not line.startswith("listening on "):
                raise RuntimeError(f"the emulator did not start, exit code {process.wait()}")
            yield Emulator(line.removeprefix("listening on ").strip())
        finally:
            process.terminate()
