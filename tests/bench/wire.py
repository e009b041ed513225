"""HTTP messages as they are on the wire, and which call of AWS a request is."""

import asyncio
import dataclasses
import re
import urllib.parse

# As much as a head may have; a head with more is none of AWS.
LONGEST_HEAD = 1 << 20
NO_BODY = (204, 304)
# Parts of S3's resources that are asked for by a name in the query, by the operation's name without its verb.
SUBRESOURCES = {
    "policy": "BucketPolicy", "versions": "ObjectVersions", "tagging": "Tagging", "notification": "BucketNotification",
    "versioning": "BucketVersioning", "encryption": "BucketEncryption", "publicAccessBlock": "PublicAccessBlock",
    "list-type": "ObjectsV2", "delete": "Objects", "ownershipControls": "BucketOwnershipControls",
    "lifecycle": "BucketLifecycleConfiguration", "logging": "BucketLogging", "object-lock": "ObjectLockConfiguration",
}
LISTS = ("ObjectVersions", "ObjectsV2")
# Lambda's paths, by how they end.
LAMBDA = {"policy": "GetPolicy", "concurrency": "GetFunctionConcurrency", "invocations": "Invoke",
          "configuration": "GetFunctionConfiguration"}
TAGGING = {"GET": "ListTagsForResource", "POST": "TagResource", "DELETE": "UntagResource"}
READS = ("Get", "List", "Describe", "Head", "AssumeRole", "Publish")


@dataclasses.dataclass
class Message:
    """A request or an answer."""

    head: bytes
    body: bytes = b""

    def __post_init__(self):
        first, *lines = self.head.decode("latin-1").rstrip("\r\n").split("\r\n")
        self.first = first.split(" ", 2)
        pairs = [line.partition(":") for line in lines]
        self.fields = {name.strip().lower(): value.strip() for name, _, value in pairs}

    @property
    def status(self):
        return int(self.first[1])

    @property
    def closes(self):
        return self.fields.get("connection", "").lower() == "close"


async def read_head(reader):
    """The head of the next message; none if the other side has closed."""
    try:
        return Message(await reader.readuntil(b"\r\n\r\n"))
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None


async def read_request(reader, writer):
    request = await read_head(reader)
    if not request:
        return None
    if request.fields.get("expect", "").lower() == "100-continue":
        # Whoever asks first sends the body after this only.
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.body = await read_body(reader, request.fields)
    return request


async def read_answer(reader, method):
    """The answer to a request; none if the server had closed before."""
    answer = await read_head(reader)
    while answer and answer.status < 200:
        answer = await read_head(reader)
    if not answer or method == "HEAD" or answer.status in NO_BODY:
        return answer
    answer.body = await read_body(reader, answer.fields)
    return answer


async def read_body(reader, fields):
    if "chunked" in fields.get("transfer-encoding", "").lower():
        return await read_chunks(reader)
    return await reader.readexactly(int(fields.get("content-length", 0)))


async def read_chunks(reader):
    """The body with its chunks' sizes and its trailers, as it is sent."""
    raw = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        raw += line
        size = int(line.split(b";")[0], 16)
        if not size:
            break
        raw += await reader.readexactly(size + 2)
    while line != b"\r\n":
        line = await reader.readuntil(b"\r\n")
        raw += line
    return raw


def service(request):
    """The service that a request is signed for."""
    scope = re.search(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/", request.fields.get("authorization", ""))
    return scope.group(1) if scope else "unsigned"


def operation(request):
    """The operation that a request asks for."""
    method, target = request.first[0], request.first[1]
    path, _, query = target.partition("?")
    if "x-amz-target" in request.fields:
        return request.fields["x-amz-target"].split(".")[-1]
    name = service(request)
    if name == "s3":
        return of_s3(method, path, query)
    if name == "imagebuilder":
        return TAGGING[method] if path.startswith("/tags/") else path.split("/")[1]
    if name == "lambda":
        return LAMBDA.get(path.rsplit("/", 1)[-1], f"{method} {path}")
    return action(query) or action(request.body.decode("latin-1")) or f"{method} {path}"


def action(form):
    """The operation in a form of the Query protocol."""
    return urllib.parse.parse_qs(form).get("Action", [""])[0]


def of_s3(method, path, query):
    """The operation, and the kind of its key: the folder, or the name of what is in none."""
    _, bucket, key = (urllib.parse.unquote(path).split("/", 2) + ["", ""])[:3]
    names = urllib.parse.parse_qs(query, keep_blank_values=True)
    part = next((SUBRESOURCES[name] for name in names if name in SUBRESOURCES), None)
    verb = "List" if part in LISTS else method.capitalize()
    if key:
        return f"{verb}{part or 'Object'} {kind_of_key(key)}"
    prefix = names.get("prefix", [""])[0]
    return f"{verb}{part or 'Bucket'} {kind_of_key(prefix) or bucket_role(bucket)}"


def kind_of_key(key):
    return key.split("/")[0] + ("/" if "/" in key else "")


def bucket_role(bucket):
    """The part of the bucket's name that says what it is for."""
    return "documents" if "-documents-" in bucket else "output"


def is_write(name):
    """Whether an operation changes something; sessions and notifications do not count, as in reports."""
    return not name.startswith(READS)
