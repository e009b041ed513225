#!/usr/bin/env python3
"""Tells the pull request that a commit came with, which builds of it have failed.

    failures.py FAILURES

FAILURES holds <environment>/failures.json, what `goldsmith failures --format json` printed. For each recipe the newest
failure counts. Its commit is looked up on GitHub; a commit that came with no merged pull request is left.

The texts are what ran in builds: a comment shows them as code, and believes none of them.
"""

import json
import pathlib
import re
import sys

import comments
import github
from documents import ENVIRONMENT

RECIPE = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}"
MARKER = re.compile(rf"<!-- goldsmith failure ({ENVIRONMENT.pattern}/{RECIPE}) -->")
COMMIT = re.compile(r"[0-9a-f]{40}")
# How much is shown of what is different, in lines. Of a log goldsmith keeps twenty.
MOST_CHANGED = 10


def main(folder):
    for file in sorted(folder.glob("*/failures.json")):
        environment = file.parent.name
        if not ENVIRONMENT.fullmatch(environment):
            github.fail("a folder has no name of an environment")
        for failure in newest(json.loads(file.read_text(encoding="utf-8"))):
            try:
                tell(environment, failure)
            except SystemExit as refused:
                # GitHub does not know a commit of another repository, and takes no comment on a locked pull request.
                # What it refuses of one recipe keeps nothing from the others.
                print(str(refused).replace("::error::", "::warning::", 1))


def newest(failures):
    """The newest failure of each recipe; they are listed newest first."""
    found = {}
    for each in failures:
        if re.fullmatch(RECIPE, each["recipe"]):
            found.setdefault(each["recipe"], each)
    return found.values()


def tell(environment, failure):
    name = f"{environment}/{failure['recipe']}"
    number = pull_request(failure["commit"])
    if number is None:
        github.notice(f"{name}: the commit of the failed build came with no pull request")
        return
    existing = comments.ours(number, MARKER).get(name)
    comments.upsert(number, existing, body(name, failure))
    print(f"{name}: told pull request {number}")


def pull_request(commit):
    """The number of the pull request that a commit came with, once it is merged."""
    if not COMMIT.fullmatch(commit or ""):
        return None
    merged = [each["number"] for each in github.pages(f"commits/{commit}/pulls") if each["merged_at"]]
    return min(merged, default=None)


def body(name, failure):
    environment, recipe = name.split("/")
    changed = [f"changed: {each}" for each in failure["changed"]]
    if len(changed) > MOST_CHANGED:
        changed[MOST_CHANGED:] = [f"... and {len(changed) - MOST_CHANGED} more"]
    lines = [failure["reason"], *failure["context"], *changed]
    if failure["log"]:
        lines += ["", "The log ends with:", *failure["log"]]
    # Indented by four blanks, so that no text of a build is Markdown; a comment's own lines have none.
    shown = "\n".join(f"    {each}" for line in lines for each in line.splitlines() or [""])
    text = (
        f"<!-- goldsmith failure {name} -->\n"
        f"**{environment}**: the build of `{recipe}` from {failure['commit']} has failed, "
        f"for a reason of the class {failure['class']}.\n\n{shown}\n\n"
        f"`goldsmith logs {recipe} --against goldsmith-{environment}` shows more.\n"
    )
    return text[:comments.LONGEST]


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
