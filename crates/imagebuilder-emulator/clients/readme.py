"""Runs the commands of the README: with the aws command as pip installs it, and with boto3."""

import os
import pathlib
import re
import subprocess
import sys

import emulator

README = pathlib.Path(__file__).resolve().parents[1] / "README.md"
HERE = "http://127.0.0.1:4567"


def blocks(text):
    """The blocks of code of a page, without their indentation."""
    lines = [line[4:] if line.startswith("    ") else "" if not line else None for line in text.splitlines()]
    block = []
    for line in [*lines, None]:
        if line is not None:
            block.append(line)
        elif any(block):
            yield "\n".join(block).strip()
            block = []
        else:
            block = []


def section(name):
    """What is below a head of the README."""
    return re.search(rf"^## {name}$(.*?)^## ", README.read_text(), re.DOTALL | re.MULTILINE).group(1)


def run(url):
    """The blocks of the first section that call the emulator: one shell for all, one Python."""
    code = [block.replace(HERE, url) for block in blocks(section("Two commands"))]
    shell = [block.replace("imagebuilder-emulator --clock 400 &", "") for block in code if "import boto3" not in block]
    python = [block for block in code if "import boto3" in block]
    assert len(python) == 1 and sum("aws " in block for block in shell) == 2, code
    path = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": "/nonexistent"}
    script = "set -euo pipefail\n" + "\n".join(shell)
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "update-linux" in done.stdout and "PENDING" in done.stdout, done.stdout
    done = subprocess.run([sys.executable, "-c", python[0]], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "'status': 'PENDING'" in done.stdout, done.stdout


if __name__ == "__main__":
    with emulator.running() as running:
        run(running.url)
    print("the README's commands work")
