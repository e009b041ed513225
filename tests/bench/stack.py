"""What the measurements share: a stack of the embedded AWS, and the shipped zip as a process beside it.

ZIP in the environment names another zip than the one that `make zips` has made, to compare two.
"""

import collections
import contextlib
import dataclasses
import datetime
import http.server
import json
import os
import pathlib
import queue
import signal
import subprocess
import tempfile
import threading
import time
import zipfile

import boto3

from front import read_variables

ROOT = pathlib.Path(__file__).parents[2]
ZIP = pathlib.Path(os.environ.get("ZIP", ROOT / "target/lambda/bootstrap/bootstrap.zip"))
LOCAL_STACK = ROOT / "target/debug/local-stack"
# Image Builder's time: a build of twenty minutes takes two seconds, or does not end while anybody looks.
FAST, REAL = "600", "real"
# As many pipelines and builds as the embedded AWS lets an account have unless it is said otherwise.
QUOTA = 70
UPLOAD = {"Records": [{
    "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
    "s3": {"bucket": {"name": "b"}, "object": {"key": "ami-versions.json"}},
}]}
HOUR = {
    "version": "0", "id": "bench", "detail-type": "Scheduled Event", "source": "aws.events",
    "account": "111122223333", "time": "2026-01-01T00:00:00Z", "region": "us-east-1",
    "resources": ["arn:aws:events:us-east-1:111122223333:rule/goldsmith-nonprod-hourly"], "detail": {},
}
ENDED = ("AVAILABLE", "FAILED", "CANCELLED", "DELETED")


@dataclasses.dataclass
class Invocation:
    """An event, and what came of it."""

    event: dict
    id: str
    # When Lambda would end it.
    deadline: float
    given: float = None
    answered: float = None
    is_error: bool = False
    answer: dict = None
    done: threading.Event = dataclasses.field(default_factory=threading.Event)

    @property
    def seconds(self):
        return self.answered - self.given

    def failure(self, killed):
        """Why there is no report, or nothing if there is one; `killed` says who ends a process."""
        if self.answer is None:
            return killed
        return f"failed: {self.answer['errorMessage'][:110]}" if self.is_error else None


def must_be_idle(invocation):
    """Stops where a run with nothing to do did something, or complained: its figures would be another run's."""
    if invocation.is_error or invocation.answer is None:
        raise SystemExit(f"the run failed: {invocation.answer}")
    kinds = ("changes", "refused", "failed", "not-attempted", "waiting", "problems")
    said = collections.Counter()
    for kind in kinds:
        said.update(f"{kind}: {each.get('kind')}" for each in invocation.answer.get(kind, []))
    if said:
        raise SystemExit(f"the run had something to do or to say: {dict(said)}")


class Runtime:
    """A Lambda runtime interface that hands out events, and keeps the answers."""

    def __init__(self):
        self.waiting, self.invocations = queue.Queue(), {}
        # Set once the process asks for its first event: it has started.
        self.asked = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(outer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                # The function waits for its next event until it is stopped.
                outer.next(self)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.answered(self.path, json.loads(body))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler

    def next(self, request):
        self.asked.set()
        invocation = self.waiting.get()
        if invocation is None:
            return
        invocation.given = time.monotonic()
        body = json.dumps(invocation.event).encode()
        headers = {"Lambda-Runtime-Aws-Request-Id": invocation.id,
                   "Lambda-Runtime-Deadline-Ms": int(invocation.deadline * 1000),
                   "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:111122223333:function:bench",
                   "Content-Length": len(body)}
        request.send_response(200)
        for name, value in headers.items():
            request.send_header(name, str(value))
        request.end_headers()
        request.wfile.write(body)

    def answered(self, path, answer):
        """Takes .../invocation/<id>/response or .../invocation/<id>/error."""
        *_, id, kind = path.split("/")
        invocation = self.invocations[id]
        invocation.answered, invocation.answer = time.monotonic(), answer
        invocation.is_error = kind == "error"
        invocation.done.set()

    def give(self, invocation):
        self.invocations[invocation.id] = invocation
        self.waiting.put(invocation)

    def close(self):
        # Ends the thread in which the function asks for its next event.
        self.waiting.put(None)
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self):
        return f"127.0.0.1:{self.server.server_port}"


class Process:
    """A process that answers events, as Lambda runs one."""

    def __init__(self, command, environment):
        self.runtime, self.count = Runtime(), 0
        self.process = subprocess.Popen(
            list(map(str, command)),
            env={**os.environ, **environment, "AWS_LAMBDA_RUNTIME_API": self.runtime.address},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        self.usage = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def give(self, event, id=None, seconds=3600):
        """Hands out an event, and does not wait."""
        self.count += 1
        invocation = Invocation(event, id or f"bench-{self.count}", time.time() + seconds)
        self.runtime.give(invocation)
        return invocation

    def ask(self, event, **named):
        """Hands out an event, and waits for its answer; there is none if the process ends before."""
        return self.wait(self.give(event, **named))

    def wait(self, invocation):
        while not invocation.done.wait(0.02) and self.is_alive():
            if time.time() > invocation.deadline:
                self.stop(signal.SIGKILL)
        return invocation

    def is_alive(self):
        return self.usage is None and not os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)

    def peak(self):
        """The most memory that the process has had, in bytes."""
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        (line,) = [line for line in lines if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024

    def kill(self):
        """As Lambda ends a process: at once. It is not waited for."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)

    def stop(self, by=signal.SIGTERM):
        if self.usage is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, by)
            _, code, self.usage = os.wait4(self.process.pid, 0)
            self.process.returncode = os.waitstatus_to_exitcode(code)
            self.runtime.close()

    @property
    def processor(self):
        """The seconds of a processor that it took, once it has stopped."""
        return self.usage.ru_utime + self.usage.ru_stime


class Stack:
    """The stack of `make local`, on which nothing is uploaded yet."""

    def __init__(self, clock=FAST, room=QUOTA):
        # What was changed within a day is looked at more closely, and most is older. The clock runs fast: a stack that
        # is made for twenty minutes is a week further.
        start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=60)
        self.command = [LOCAL_STACK, "up", "--clock", clock, "--start", start.isoformat()]
        if room > QUOTA:
            self.command += ["--max-pipelines", str(room), "--max-concurrent-builds", str(room)]

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        command = [*self.command, "--directory", self.folder.name]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if "ready" not in self.process.stdout.readline():
            self.__exit__()
            raise SystemExit("the stack did not start; `make local` says why")
        self.variables = read_variables(pathlib.Path(self.folder.name) / "env")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        self.process.stdout.close()
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

    def upload_unannounced(self, recipes):
        """The same, of which the stack's own functions hear nothing: the process beside it is the only one to run."""
        s3 = self.client("s3")
        s3.put_bucket_notification_configuration(Bucket=self.variables["BUCKET"], NotificationConfiguration={})
        self.upload(recipes)

    def images(self):
        """Every build, as Image Builder lists it."""
        pages = self.client("imagebuilder").get_paginator("list_image_build_versions").paginate(maxResults=100)
        return [image for page in pages for image in page["imageSummaryList"]]

    def builds(self):
        """How many builds each recipe has."""
        return collections.Counter(image["name"] for image in self.images())

    def building(self):
        return [image for image in self.images() if image["state"]["status"] not in ENDED]

    def reconcile(self):
        """What the stack's own reconcile reports to a person."""
        answer = self.client("lambda").invoke(FunctionName=self.variables["RECONCILE"], Payload=b"{}")
        return json.load(answer["Payload"])

    def settle(self):
        """Reconciles until a run changes nothing and no image builds."""
        while self.reconcile().get("changes") or self.building():
            time.sleep(1)

    def build_more(self, builds):
        """Further builds of each pipeline until it has so many: started at Image Builder, published by reconcile."""
        client = self.client("imagebuilder")
        pages = client.get_paginator("list_image_pipelines").paginate(maxResults=100)
        pipelines = [each["arn"] for page in pages for each in page["imagePipelineList"]]
        for _ in range(builds - 1):
            for pipeline in pipelines:
                client.start_image_pipeline_execution(imagePipelineArn=pipeline)
            while self.building():
                time.sleep(1)
        self.settle()

    def environment(self):
        """What Lambda gives to reconcile."""
        found = self.client("lambda").get_function_configuration(FunctionName=self.variables["RECONCILE"])
        return {**found["Environment"]["Variables"], **self.variables, "AWS_LAMBDA_FUNCTION_NAME": "bench",
                "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
                "AWS_LAMBDA_LOG_GROUP_NAME": "bench", "AWS_LAMBDA_LOG_STREAM_NAME": "bench"}


@contextlib.contextmanager
def settled(recipes, builds=1):
    """A stack that has built so many recipes so often, and has nothing more to do."""
    with Stack(room=recipes) as stack:
        stack.upload(recipes)
        stack.settle()
        stack.build_more(builds)
        yield stack


@contextlib.contextmanager
def uploaded(recipes):
    """A stack that so many recipes were just uploaded to, on which no build ends."""
    with Stack(clock=REAL, room=recipes) as stack:
        stack.upload_unannounced(recipes)
        yield stack


@contextlib.contextmanager
def bootstrap():
    """The binary of the shipped zip."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(ZIP) as archive:
            archive.extract("bootstrap", folder)
        binary = pathlib.Path(folder) / "bootstrap"
        binary.chmod(0o755)
        yield binary
