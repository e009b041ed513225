"""What the workflows find: a repository with a pull request, GitHub, a release and an AWS role."""

import atexit
import functools
import hashlib
import io
import json
import os
import pathlib
import shutil
import sys
import tempfile
import unittest
import zipfile

from runner import Run, git

ROOT = pathlib.Path(__file__).parents[2]
DOUBLES = ROOT / "tests" / "workflows" / "doubles"
ASSET = "goldsmith-x86_64-linux"
RELEASED = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY, FORK = "octo/goldsmith", "mstr-team/goldsmith"
VARIABLES = {
    f"{name}{suffix}": {"AWS_ROLE": f"arn:aws:iam::111122223333:role/{name}{suffix}", "AWS_REGION": "us-east-1"}
    for name in ("nonprod", "prod")
    for suffix in ("", "-plan")
}

VERSIONS = "nonprod/ami-versions.json"
GOOD = (ROOT / "ami-versions" / "nonprod" / "ami-versions.json").read_text()
CHANGED = GOOD.replace('"110304;110302"', '"110304"')
PLAN = "<!-- goldsmith plan nonprod -->\n110304 will be rebuilt\n"


class Case(unittest.TestCase):
    """A test in a world of its own; the repository is made once and copied."""

    def setUp(self):
        self.world = World(seed())
        self.addCleanup(self.world.close)

    def comments(self):
        return self.world.seen()["comments"]

    def statuses(self):
        return {each["context"]: each["state"] for each in self.world.seen()["statuses"]}


class World:
    """`origin` is GitHub's copy of the repository; `clone` is where commits are made."""

    def __init__(self, seed):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="goldsmith-workflows-"))
        shutil.copytree(seed, self.directory, dirs_exist_ok=True, symlinks=True)
        self.clone, self.origin = self.directory / "clone", self.directory / "origin.git"
        self.double, bin = self.directory / "double", self.directory / "bin"
        for each in (self.double / "archives", bin, self.directory / "home"):
            each.mkdir(parents=True)
        (bin / "gh").symlink_to(DOUBLES / "gh")
        # The one that runs this: on PATH may be a wrapper that takes longer than the whole step.
        (bin / "python3").symlink_to(pathlib.Path(sys.executable).resolve())
        self.environment = {
            "PATH": f"{bin}:{os.environ['PATH']}", "HOME": str(self.directory / "home"),
            "DOUBLE": str(self.double), "LANG": "C.UTF-8",
        }
        self.runs = 0
        self.github = {"artifacts": {}, "pulls": {}, "comments": [], "statuses": [], "calls": [], "attested": {},
                       "private": False, "commits": {"v0.1.0": RELEASED}, "compared": "behind"}
        self.save()
        self.answers()
        self.release(DOUBLES / "goldsmith")
        self.base = git(self.origin, "rev-parse", "main")

    def close(self):
        shutil.rmtree(self.directory)

    # ------------------------------------------------------------------------ the repository

    def write(self, changes):
        """Files by path below ami-versions/; None removes one."""
        for path, text in changes.items():
            file = self.clone / "ami-versions" / path
            if text is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)

    def commit(self):
        return commit(self.clone)

    def push(self, changes):
        """A commit on main; its SHA."""
        self.write(changes)
        sha = self.commit()
        git(self.clone, "push", "--quiet", "--force", self.origin, "main")
        return sha

    def open(self, number, changes, repository=FORK):
        """A pull request, or the next state of it: the SHAs of its head and of its merge commit."""
        git(self.clone, "checkout", "--quiet", "-B", f"pull-{number}", "main")
        self.write(changes)
        head = self.commit()
        git(self.clone, "checkout", "--quiet", "-B", f"merge-{number}", "main")
        git(self.clone, "merge", "--quiet", "--no-ff", "--message", "merge", head)
        merge = git(self.clone, "rev-parse", "HEAD")
        git(self.clone, "push", "--quiet", "--force", self.origin, f"HEAD:refs/pull/{number}/merge")
        git(self.clone, "checkout", "--quiet", "main")
        pull = {"head": {"sha": head, "repo": {"full_name": repository}}}
        self.save(pulls=self.github["pulls"] | {str(number): pull})
        return head, merge

    # ------------------------------------------------------------------------ GitHub

    def save(self, **changes):
        """Only what is named changes: the rest may have moved since it was read."""
        file = self.double / "github.json"
        self.github = (json.loads(file.read_text()) if file.exists() else self.github) | changes
        file.write_text(json.dumps(self.github))

    def seen(self):
        self.github = json.loads((self.double / "github.json").read_text())
        return self.github

    def release(self, binary, attested=RELEASED):
        """What release.yml left for v0.1.0, attested for a commit or for none; the SHA-256 of the binary."""
        directory = self.double / "releases" / "v0.1.0"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        shutil.copy(binary, directory / ASSET)
        digest = sha256(directory / ASSET)
        self.save(attested={digest: attested} if attested else {})
        return digest

    def leave(self, archive):
        """The artifact that the next plan finds, made by whoever sent the pull request."""
        artifact = {"id": 99, "name": "documents", "expired": False, "size_in_bytes": len(archive)}
        (self.double / "archives" / "99.zip").write_bytes(archive)
        self.save(artifacts={"5000": [artifact]})

    # ------------------------------------------------------------------------ goldsmith

    def answers(self, **answers):
        """By `<command>_<environment>`."""
        found = {name.replace("_", " "): answer for name, answer in answers.items()}
        (self.double / "answers.json").write_text(json.dumps(found))

    def calls(self, command=None):
        file = self.double / "goldsmith.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [call for call in map(json.loads, lines) if command in (None, call["command"])]

    # ------------------------------------------------------------------------ runs

    def run(self, name, **github):
        self.runs += 1
        contexts = {each: github.pop(each) for each in ("inputs", "secrets", "job", "variables") if each in github}
        defaults = {
            "workflow": name.removesuffix(".yml"), "repository": REPOSITORY, "server_url": "https://github.invalid",
            "run_id": 5000, "token": "token", "ref": "refs/heads/main", "ref_name": "main",
        }
        return Run(
            name, self.directory / f"run-{self.runs}", self.origin, defaults | github,
            contexts.pop("variables", VARIABLES), self.environment, **contexts,
        )

    def check(self, number, merge):
        """The run of a pull request; its artifact is left to the plan."""
        event = {"pull_request": {"number": number}}
        run = self.run("ami-versions.yml", event_name="pull_request", event=event, sha=merge)
        archive = run.artifacts / "documents.zip"
        if archive.exists():
            self.leave(archive.read_bytes())
        return run

    def plan(self, head, conclusion="success", repository=FORK, **event):
        """The run that follows it on the base branch."""
        finished = {
            "id": 5000, "event": "pull_request", "conclusion": conclusion, "head_sha": head,
            "head_branch": "a-change", "head_repository": {"id": 7, "full_name": repository},
            "html_url": "https://github.invalid/the-check",
        }
        event = {"workflow_run": finished | event}
        sha = git(self.origin, "rev-parse", "main")
        return self.run("ami-versions-plan.yml", event_name="workflow_run", event=event, sha=sha)

    def failures(self, variables=VARIABLES):
        """The run of each hour that looks for failed builds."""
        sha = git(self.origin, "rev-parse", "main")
        return self.run("failed-builds.yml", event_name="schedule", event={}, sha=sha, variables=variables)

    def merge(self, before, after):
        event = {"before": before}
        return self.run("ami-versions.yml", event_name="push", event=event, sha=after)


def sha256(file):
    return hashlib.sha256(pathlib.Path(file).read_bytes()).hexdigest()


def pin(clone, line):
    (clone / ".github" / "goldsmith.release").write_text(f"# which\n{line}\n")


@functools.cache
def seed():
    """A directory with the repository, two environments in it, and GitHub's copy."""
    directory = tempfile.TemporaryDirectory(prefix="goldsmith-workflows-seed-")
    atexit.register(directory.cleanup)
    clone, origin = (pathlib.Path(directory.name) / each for each in ("clone", "origin.git"))
    shutil.copytree(ROOT / ".github", clone / ".github")
    pin(clone, f"v0.1.0 {RELEASED} {sha256(DOUBLES / 'goldsmith')}")
    for name in ("nonprod", "prod"):
        shutil.copytree(ROOT / "ami-versions" / "nonprod", clone / "ami-versions" / name)
    (clone / "ami-versions" / "schema").mkdir()
    (clone / "ami-versions" / "schema" / "environment.schema.json").write_text("{}\n")
    git(clone, "init", "--quiet", "--initial-branch", "main")
    git(clone, "config", "user.name", "somebody")
    git(clone, "config", "user.email", "somebody@example.invalid")
    commit(clone)
    git(clone, "clone", "--quiet", "--bare", clone, origin)
    git(origin, "config", "uploadpack.allowAnySHA1InWant", "true")
    return directory.name


def commit(clone):
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "a change")
    return git(clone, "rev-parse", "HEAD")


def archive(files):
    """A zip of text or bytes by name; an entry may be a ZipInfo."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files:
            opened.writestr(name, content)
    return out.getvalue()
