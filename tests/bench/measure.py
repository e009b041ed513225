"""What a run of reconcile costs in which nothing is to be done: calls by operation, and instructions.

The shipped zip runs on a stack of the embedded AWS, in a runtime interface of this script's own. callgrind counts
instructions, which are the same on every machine and under every load; seconds are not measured.
"""

import argparse
import http.server
import json
import os
import pathlib
import queue
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

import boto3

ROOT = pathlib.Path(__file__).parents[2]
ZIP = ROOT / "target/lambda/bootstrap/bootstrap.zip"
LOCAL_STACK = ROOT / "target/debug/local-stack"
# Image Builder's time: a build of a minute takes a tenth of a second.
CLOCK = "600"
UPLOAD = {"Records": [{
    "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
    "s3": {"bucket": {"name": "b"}, "object": {"key": "ami-versions.json"}},
}]}
HOUR = {
    "version": "0", "id": "bench", "detail-type": "Scheduled Event", "source": "aws.events",
    "account": "111122223333", "time": "2026-01-01T00:00:00Z", "region": "us-east-1",
    "resources": ["arn:aws:events:us-east-1:111122223333:rule/goldsmith-nonprod-hourly"], "detail": {},
}


class Runtime:
    """A Lambda runtime interface that hands out these events, and keeps the answers."""

    def __init__(self, events):
        self.events, self.answers = queue.Queue(), []
        for event in events:
            self.events.put(event)
        self.done, self.expected = threading.Event(), len(events)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                # The function waits for its next event until it is stopped.
                event = outer.events.get()
                body = json.dumps(event).encode()
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", f"bench-{outer.events.qsize()}")
                self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + 3600) * 1000)))
                self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:111122223333:function:bench")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.answers.append(json.loads(body))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()
                if len(outer.answers) == outer.expected:
                    outer.done.set()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server.server_port}"


class Stack:
    """The stack of `make local`, with documents of so many recipes."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        command = [LOCAL_STACK, "up", "--clock", CLOCK, "--directory", self.folder.name]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if "ready" not in self.process.stdout.readline():
            raise SystemExit("the stack did not start; `make local` says why")
        lines = (pathlib.Path(self.folder.name) / "env").read_text().splitlines()
        pairs = [shlex.split(line)[1].split("=", 1) for line in lines]
        self.variables = {name: value for name, value in pairs if name != "PATH"}
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        self.folder.cleanup()

    def client(self, service):
        url = self.variables.get(f"AWS_ENDPOINT_URL_{service.upper()}", self.variables["AWS_ENDPOINT_URL"])
        return boto3.client(
            service, endpoint_url=url, region_name="us-east-1",
            aws_access_key_id=self.variables["AWS_ACCESS_KEY_ID"], aws_secret_access_key="secret",
        )

    def upload(self, recipes):
        """The sample's documents, with so many recipes."""
        documents = ROOT / "ami-versions/nonprod"
        base = json.loads((documents / "ami-versions.json").read_text())["ami-version"][0]["aminame"]
        entries = [{"aminame": base, "recipename": f"r{n}"} for n in range(recipes)]
        s3 = self.client("s3")
        for path in [*documents.rglob("*.yml"), documents / "environment.json"]:
            s3.put_object(Bucket=self.variables["BUCKET"], Key=str(path.relative_to(documents)), Body=path.read_bytes())
        text = json.dumps({"ami-version": entries, "ami-scheduled": []})
        s3.put_object(Bucket=self.variables["BUCKET"], Key="ami-versions.json", Body=text.encode())

    def settle(self):
        """Reconciles until a run changes nothing and no image builds."""
        function, images = self.client("lambda"), self.client("imagebuilder")
        while True:
            answer = function.invoke(FunctionName=self.variables["RECONCILE"], Payload=b"{}")
            report = json.load(answer["Payload"])
            building = [
                image for page in images.get_paginator("list_image_build_versions").paginate()
                for image in page["imageSummaryList"] if image["state"]["status"] not in ("AVAILABLE", "FAILED")
            ]
            if not report.get("changes") and not building:
                return
            time.sleep(1)

    def environment(self):
        """What Lambda gives to reconcile."""
        found = self.client("lambda").get_function_configuration(FunctionName=self.variables["RECONCILE"])
        return {**found["Environment"]["Variables"], **self.variables, "AWS_LAMBDA_FUNCTION_NAME": "bench",
                "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
                "AWS_LAMBDA_LOG_GROUP_NAME": "bench", "AWS_LAMBDA_LOG_STREAM_NAME": "bench"}


def instructions(command, environment, events, folder):
    """What a command executes until it has answered these events, and its answers."""
    runtime = Runtime(events)
    out = pathlib.Path(folder) / "callgrind.out"
    out.unlink(missing_ok=True)
    process = subprocess.Popen(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *command],
        env={**os.environ, **environment, "AWS_LAMBDA_RUNTIME_API": runtime.address},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    if not runtime.done.wait(timeout=1800):
        process.kill()
        raise SystemExit("the function did not answer")
    process.send_signal(signal.SIGTERM)
    process.wait()
    (total,) = [line for line in out.read_text().splitlines() if line.startswith("totals: ")]
    return int(total.split()[1]), runtime.answers


def measure(recipes, folder):
    with Stack() as stack:
        stack.upload(recipes)
        stack.settle()
        binary = pathlib.Path(folder) / "bootstrap"
        with zipfile.ZipFile(ZIP) as archive:
            archive.extract("bootstrap", folder)
        binary.chmod(0o755)
        environment = stack.environment()
        first, _ = instructions([binary], environment, [UPLOAD], folder)
        third, answers = instructions([binary], environment, [UPLOAD] * 3, folder)
        hourly, hours = instructions([binary], environment, [UPLOAD, HOUR], folder)
        calls, hour = answers[-1]["calls"], hours[-1]["calls"]
        assert answers[-1]["writes"] == 0, answers[-1]
        return {
            "recipes": recipes, "first": first, "warm": (third - first) // 2, "calls": sum(calls.values()),
            "first-calls": sum(answers[0]["calls"].values()), "hour": hourly - first,
            "hour-calls": sum(hour.values()), "by-operation": calls,
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipes", nargs="*", type=int, default=[1, 10, 50])
    arguments = parser.parse_args()
    print(f"zip: {ZIP.stat().st_size} bytes")
    head = ["recipes", "first run, calls", "warm, calls", "hour, calls", "first run, M", "warm, M", "hour, M"]
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    with tempfile.TemporaryDirectory() as folder:
        for recipes in arguments.recipes:
            row = measure(recipes, folder)
            million = [f"{row[name] / 1e6:.0f}" for name in ("first", "warm", "hour")]
            cells = [row["recipes"], row["first-calls"], row["calls"], row["hour-calls"], *million]
            print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    print("a warm run without changes calls:", json.dumps(row["by-operation"]))


if __name__ == "__main__":
    sys.exit(main())
