#!/usr/bin/env python3
"""Takes what the check of a pull request left behind, and proves which pull request it is.

    pull_request.py DIRECTORY

Puts the documents into DIRECTORY and tells later steps `number`; `environments`, those that the base
branch has too; `planned`, the same if the check passed; and `new`, those it does not have, for which
there is no plan: whoever sends a pull request must not make this job name a GitHub environment of
their choice. Nothing is told, and nothing follows, if there is no artifact.

Reads GH_TOKEN, GITHUB_REPOSITORY, RUN_ID, HEAD_SHA, HEAD_REPOSITORY and CONCLUSION of the run.
"""

import json
import os
import pathlib
import re
import sys
import tempfile

import documents
import github

ARTIFACT = "documents"


def main(directory):
    run = os.environ["RUN_ID"]
    if not re.fullmatch(r"[0-9]+", run):
        github.fail("RUN_ID is no number")
    archive = artifact(run)
    if archive is None:
        github.notice("the check left no documents: there is nothing to plan")
        return
    try:
        number, environments = documents.unpack(archive, directory)
    except documents.Refused as refused:
        github.fail(f"the artifact of run {run} is refused: {refused}")
    prove(number)
    known = [each for each in environments if is_known(each)]
    passed = os.environ["CONCLUSION"] == "success"
    github.output(
        number=number,
        environments=json.dumps(known),
        planned=json.dumps(known if passed else []),
        new=json.dumps([each for each in environments if each not in known]),
    )
    print(f"pull request {number} changes {', '.join(environments) or 'no environment'}")


def artifact(run):
    """The archive that the run left, as a file; None if it left none."""
    listed = github.get(f"actions/runs/{run}/artifacts?name={ARTIFACT}&per_page=100")["artifacts"]
    found = [each for each in listed if each["name"] == ARTIFACT and not each["expired"]]
    if not found:
        return None
    if len(found) > 1:
        github.fail(f"run {run} left {len(found)} artifacts called {ARTIFACT}")
    if found[0]["size_in_bytes"] > documents.LARGEST_ARCHIVE:
        github.fail(f"the artifact of run {run} has {found[0]['size_in_bytes']} bytes")
    file = tempfile.TemporaryFile()
    file.write(github.call(f"actions/artifacts/{found[0]['id']}/zip"))
    return file


def prove(number):
    """The archive says which pull request it is, GitHub says which commit the run was of."""
    head = github.get(f"pulls/{number}")["head"]
    expected = (os.environ["HEAD_SHA"], os.environ["HEAD_REPOSITORY"])
    # A fork may have been deleted since.
    found = (head["sha"], (head["repo"] or {}).get("full_name"))
    if found != expected:
        github.fail(
            f"pull request {number} is at {found[0]} of {found[1]}, but the run was of "
            f"{expected[0]} of {expected[1]}: it moved on, or the artifact names another one"
        )


def is_known(environment):
    """Whether the base branch, which is checked out here, has this environment."""
    directory = pathlib.Path("ami-versions", environment)
    return any((directory / each).is_file() for each in ("ami-versions.json", "environment.json"))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
