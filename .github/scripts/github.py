"""GitHub's API through the `gh` of the runner, which signs with GH_TOKEN."""

import json
import os
import subprocess
import sys

REPOSITORY = os.environ.get("GITHUB_REPOSITORY", "")


def call(path, *arguments, body=None):
    """The answer, as bytes; `body` is sent as JSON. A refusal of the API ends the step."""
    command = ["gh", "api", f"repos/{REPOSITORY}/{path}", *arguments]
    if body is not None:
        command += ["--input", "-"]
    text = None if body is None else json.dumps(body).encode()
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        fail(f"GitHub did not answer {path}")
    return done.stdout


def get(path):
    return json.loads(call(path))


def pages(path):
    """Every item of a list, a hundred a page."""
    listed = json.loads(call(f"{path}?per_page=100", "--paginate", "--slurp"))
    return [item for page in listed for item in page]


def send(method, path, body):
    call(path, "--method", method, body=body)


def output(**values):
    """Tells later steps. The values are ours: one line each."""
    with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
        for name, value in values.items():
            file.write(f"{name}={value}\n")


def notice(text):
    print(f"::notice::{one_line(text)}")


def fail(text):
    sys.exit(f"::error::{one_line(text)}")


def one_line(text):
    """What a command to the runner may carry."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
