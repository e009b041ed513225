"""A recording HTTP front before the services of a stack.

    front.py ENV_FILE [--latency MS] [--writes N]     until it is interrupted; prints variables, then the calls

It forwards each request as it is, and notes which call of which service it is, when it came, when it was answered,
and how many TCP connections were opened to each service. It can make each call take a fixed time, and answer writes
of Image Builder beyond a rate as throttled.
"""

import argparse
import asyncio
import collections
import dataclasses
import json
import pathlib
import shlex
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import chains
import wire

# The services that reconcile calls, and what their SDKs call them in a variable. Each has a listener of its own, as it
# has a host of its own on AWS: a connection to one is of no use to another.
SERVICES = {
    "imagebuilder": "IMAGEBUILDER", "ec2": "EC2", "kms": "KMS", "s3": "S3", "sts": "STS", "events": "EVENTBRIDGE",
    "lambda": "LAMBDA", "sns": "SNS", "ssm": "SSM", "iam": "IAM",
}
THROTTLED = "TooManyRequestsException"


@dataclasses.dataclass
class Call:
    """A request that came, and its answer once there is one."""

    service: str
    operation: str
    start: float
    end: float = None
    status: int = None

    @property
    def name(self):
        return f"{self.service}:{self.operation}"

    @property
    def is_write(self):
        return wire.is_write(self.operation)

    @property
    def is_made(self):
        return self.status is not None and self.status < 300


@dataclasses.dataclass
class Settings:
    """What the front does beside recording."""

    # Seconds that each call takes at least: half of them before it is forwarded, as on a network.
    latency: float = 0
    # Writes of Image Builder a second, beyond which it is throttled; and the error that says so.
    writes: float = None
    error: str = THROTTLED
    # Whether functions that are to run later are only noted.
    keeps_invocations: bool = False
    # Whether it speaks TLS, with a certificate of its own.
    tls: bool = False


class Bucket:
    """As many tokens a second, and at most those of a second at once."""

    def __init__(self, rate):
        self.rate = self.tokens = rate
        self.filled = time.monotonic()

    def take(self):
        now = time.monotonic()
        self.tokens = min(max(self.rate, 1), self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Certificate:
    """A certificate of this machine, which who calls has to trust by SSL_CERT_FILE."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path, key = (pathlib.Path(self.folder.name) / name for name in ("certificate.pem", "key.pem"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=bench",
             "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE",
             "-keyout", key, "-out", self.path],
            check=True, stderr=subprocess.DEVNULL,
        )
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(self.path, key)


class Upstream:
    """The connection to a service behind a client's connection."""

    def __init__(self, url):
        self.host, self.port = url.removeprefix("http://").rstrip("/").split(":")
        self.streams = None

    async def exchange(self, request):
        """The answer to a request. A connection that was kept may have been closed meanwhile, which is no answer."""
        kept = self.streams is not None and not self.streams[0].at_eof()
        answer = await self.attempt(request) if kept else None
        if not answer:
            self.close()
            self.streams = await asyncio.open_connection(self.host, self.port, limit=wire.LONGEST_HEAD)
            answer = await self.attempt(request)
        if not answer:
            raise ConnectionError("the service closed without an answer")
        if answer.closes:
            self.close()
        return answer

    async def attempt(self, request):
        reader, writer = self.streams
        try:
            writer.write(request.head + request.body)
            return await wire.read_answer(reader, request.first[0])
        except ConnectionResetError:
            return None

    def close(self):
        if self.streams:
            self.streams[1].close()
        self.streams = None


def refusal(error):
    """What Image Builder answers to a write beyond its rate."""
    body = json.dumps({"message": "Rate exceeded"}).encode()
    head = (f"HTTP/1.1 429 Too Many Requests\r\nx-amzn-ErrorType: {error}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n")
    return wire.Message(head.encode(), body)


def accepted():
    """What Lambda answers to an invocation for later."""
    return wire.Message(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")


class Front:
    """Listens for each service before the one at `variables`, in a thread of its own."""

    def __init__(self, variables, settings=None, observe=None):
        self.behind, self.settings = variables, settings or Settings()
        # Called with each call that has been answered by the service, before the answer is passed on.
        self.observe = observe or (lambda call: None)
        self.calls, self.connections, self.invocations = [], collections.Counter(), []
        self.certificate = Certificate() if self.settings.tls else None
        self.bucket = Bucket(self.settings.writes) if self.settings.writes else None
        self.ports, self.loop, self.open = {}, asyncio.new_event_loop(), set()

    def __enter__(self):
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.listen(), self.loop).result()
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self.stop(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def variables(self):
        """What points SDKs here."""
        scheme = "https" if self.certificate else "http"
        urls = {name: f"{scheme}://127.0.0.1:{port}" for name, port in self.ports.items()}
        variables = {f"AWS_ENDPOINT_URL_{SERVICES[name]}": url for name, url in urls.items()}
        return {**variables, **({"SSL_CERT_FILE": str(self.certificate.path)} if self.certificate else {})}

    def take(self):
        """The calls that were answered since the last time, and the connections opened since."""
        taken = [call for call in self.calls if call.end]
        self.calls = [call for call in self.calls if not call.end]
        connections, self.connections = dict(self.connections), collections.Counter()
        return taken, connections

    async def listen(self):
        for name in SERVICES:
            server = await asyncio.start_server(
                self.client_of(name), "127.0.0.1", 0, limit=wire.LONGEST_HEAD,
                ssl=self.certificate and self.certificate.context)
            self.ports[name] = server.sockets[0].getsockname()[1]

    async def stop(self):
        for task in self.open:
            task.cancel()
        await asyncio.gather(*self.open, return_exceptions=True)

    def client_of(self, name):
        variable = f"AWS_ENDPOINT_URL_{SERVICES[name]}"
        url = self.behind.get(variable, self.behind["AWS_ENDPOINT_URL"])

        async def serve(reader, writer):
            self.connections[name] += 1
            task = asyncio.current_task()
            self.open.add(task)
            upstream = Upstream(url)
            try:
                await self.serve(reader, writer, upstream)
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                # Either side is gone: what it has asked for was forwarded.
                pass
            finally:
                self.open.discard(task)
                upstream.close()
                writer.close()

        return serve

    async def serve(self, reader, writer, upstream):
        while request := await wire.read_request(reader, writer):
            call = Call(wire.service(request), wire.operation(request), time.monotonic())
            self.calls.append(call)
            answer = await self.answer(call, request, upstream)
            call.status, call.end = answer.status, time.monotonic()
            self.observe(call)
            writer.write(answer.head + answer.body)
            await writer.drain()

    async def answer(self, call, request, upstream):
        latency = self.settings.latency
        await asyncio.sleep(latency / 2)
        answer = self.own_answer(call, request) or await upstream.exchange(request)
        # What the service itself takes is part of the call's time: else the embedded AWS would add its own to each.
        await asyncio.sleep(max(0, call.start + latency - time.monotonic()))
        return answer

    def own_answer(self, call, request):
        if self.bucket and call.service == "imagebuilder" and call.is_write and not self.bucket.take():
            return refusal(self.settings.error)
        if self.settings.keeps_invocations and call.name == "lambda:Invoke":
            self.invocations.append(json.loads(request.body))
            return accepted()
        return None


def read_variables(path):
    """The variables that the stack's file exports."""
    pairs = [shlex.split(line)[1].split("=", 1) for line in pathlib.Path(path).read_text().splitlines()]
    return {name: value for name, value in pairs if name != "PATH"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("env", help="the file `env` of a stack that runs")
    parser.add_argument("--latency", type=float, default=0, metavar="MS")
    parser.add_argument("--writes", type=float, metavar="N", help="writes of Image Builder a second")
    arguments = parser.parse_args()
    settings = Settings(latency=arguments.latency / 1000, writes=arguments.writes)
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    with Front(read_variables(arguments.env), settings) as front:
        for name, value in front.variables().items():
            print(f"export {name}='{value}'", flush=True)
        signal.sigwait(signals)
        calls, connections = front.take()
    print(json.dumps({"calls": chains.counted(calls), "connections": connections}))


if __name__ == "__main__":
    sys.exit(main())
