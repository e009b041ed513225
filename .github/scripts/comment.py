#!/usr/bin/env python3
"""Keeps one comment an environment current on a pull request, and marks its commit.

    comment.py PLANS

PLANS holds <environment>/plan.md and <environment>/exit of each plan that was made. A comment is
found again by the hidden marker it starts with, and only if we wrote it. The commit gets a status
`goldsmith plan <environment>`: failed if something is refused, error if there is no plan. What the
pull request no longer changes is said in the comment that an earlier commit left.

Reads GH_TOKEN, GITHUB_REPOSITORY, NUMBER, HEAD_SHA, ENVIRONMENTS and NEW (lists), CONCLUSION of the
check and its CHECK_URL, and RUN_URL, where the whole plan is.
"""

import json
import os
import pathlib
import re
import sys

import comments
import github
from documents import ENVIRONMENT

MARKER = re.compile(rf"<!-- goldsmith plan ({ENVIRONMENT.pattern}) -->")


def main(plans):
    number, sha = os.environ["NUMBER"], os.environ["HEAD_SHA"]
    verdicts = {each: new(each) for each in json.loads(os.environ["NEW"])}
    verdicts |= {each: verdict(plans / each, each) for each in json.loads(os.environ["ENVIRONMENTS"])}
    ours = comments.ours(number, MARKER)
    for environment, (body, state, description) in verdicts.items():
        comments.upsert(number, ours.get(environment), f"{marker(environment)}\n{body}")
        github.send("POST", f"statuses/{sha}", {
            "state": state, "description": description,
            "context": f"goldsmith plan {environment}", "target_url": os.environ["RUN_URL"],
        })
        print(f"{environment}: {description}")
    for environment in ours.keys() - verdicts.keys():
        text = f"**{environment}**: at {sha} this pull request no longer changes it."
        comments.upsert(number, ours[environment], f"{marker(environment)}\n{text}")


def marker(environment):
    return f"<!-- goldsmith plan {environment} -->"


def new(environment):
    """What is said of an environment that the base branch does not have yet."""
    text = f"**{environment}** is new: it is planned once it is on the base branch and its stack is deployed."
    return text, "success", "new: planned once it is merged"


def verdict(plan, environment):
    """The comment's text, and the state and description of the commit's status."""
    run, check = os.environ["RUN_URL"], os.environ["CHECK_URL"]
    if os.environ["CONCLUSION"] != "success":
        text = f"**{environment}** at {os.environ['HEAD_SHA']} is not planned: [the check failed]({check})."
        return text, "failure", "not planned: the check of the documents failed"
    code = (plan / "exit").read_text().strip() if (plan / "exit").is_file() else None
    states = {
        "0": ("success", "nothing would change"),
        "2": ("success", "changes: see the comment"),
        "3": ("failure", "something is refused: see the comment"),
    }
    if code not in states:
        text = f"**{environment}** at {os.environ['HEAD_SHA']} could not be planned: [the run says why]({run})."
        return text, "error", "could not be planned"
    text = MARKER.sub("", (plan / "plan.md").read_text(encoding="utf-8"), count=1).lstrip("\n")
    return with_link(text, environment, run), *states[code]


def with_link(text, environment, run):
    """The plan and where the whole of it is; a plan that leaves no room for it names the summary itself."""
    link = f"\n\n[The whole plan]({run}) of {os.environ['HEAD_SHA']}\n"
    room = comments.LONGEST - len(marker(environment)) - 1
    return text + link if len(text) + len(link) <= room else text[:room]


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
