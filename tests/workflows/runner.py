"""Runs a workflow file as GitHub's runner would: jobs by their needs, each in an empty directory, its
`run:` steps with bash. Of the actions it does what our workflows rely on; an unknown one is an error.

What is not there: containers, services, concurrency, permissions, protection of environments.
"""

import os
import pathlib
import shutil
import subprocess
import zipfile

import yaml
from expressions import as_text, condition, interpolate

WORKFLOWS = pathlib.Path(__file__).parents[2] / ".github" / "workflows"


class Loader(yaml.SafeLoader):
    """YAML 1.2 as GitHub reads it: `on` is a key, not a truth."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", yaml.resolver.re.compile("^(true|false)$"), list("tf"))


def load(name):
    return yaml.load((WORKFLOWS / name).read_text(), Loader)


class Run:
    """One run of a workflow.

    `github` is its context; `origin` the bare repository that is checked out; `variables` are those of
    each GitHub environment; `environment` is what every step finds, PATH and HOME among it. Results:
    `results` by job, `log`, `roles` assumed, `checkouts`
    made, checksums `attested`.
    """

    def __init__(self, name, directory, origin, github, variables=None, environment=None, **contexts):
        self.workflow = load(name)
        self.directory, self.origin = directory, origin
        self.variables, self.environment = variables or {}, environment or {}
        self.contexts = {"github": github, "inputs": {}, "secrets": {}, "job": {}} | contexts
        self.artifacts = directory / "artifacts"
        self.results, self.outputs, self.log = {}, {}, ""
        self.roles, self.checkouts, self.attested = [], [], []
        self.artifacts.mkdir(parents=True)
        waiting = dict(self.workflow["jobs"])
        while waiting:
            job = next(name for name, each in waiting.items() if not set(needs(each)) & waiting.keys())
            self.run_job(job, waiting.pop(job))

    def run_job(self, name, job):
        needed = {each: {"result": self.results[each], "outputs": self.outputs[each]} for each in needs(job)}
        bad = any(each["result"] != "success" for each in needed.values())
        contexts = self.contexts | {"needs": needed, "status": "failure" if bad else "success"}
        self.results[name], self.outputs[name] = "skipped", {}
        if not condition(job.get("if", "success()"), contexts):
            return
        environments = interpolate(job["strategy"]["matrix"]["environment"], contexts) if "strategy" in job else [None]
        codes = []
        for number, each in enumerate(environments):
            one = contexts | {"matrix": {"environment": each}, "status": "success"}
            ran = Job(self, job, one, self.directory / f"{name}-{number}")
            codes.append(ran.contexts["status"])
            self.outputs[name] = ran.outputs()
        self.results[name] = "success" if set(codes) <= {"success"} else "failure"


def needs(job):
    needed = job.get("needs", [])
    return [needed] if isinstance(needed, str) else needed


class Job:
    def __init__(self, run, job, contexts, directory):
        self.run, self.job = run, job
        self.workspace, self.temp = directory / "workspace", directory / "temp"
        self.workspace.mkdir(parents=True)
        self.temp.mkdir()
        self.environment, self.path = {}, []
        self.steps = {}
        self.contexts = contexts | {"runner": {"temp": str(self.temp)}, "steps": self.steps}
        name = interpolate(job.get("environment", ""), self.contexts)
        self.contexts["vars"] = run.variables.get(name, {})
        for step in job["steps"]:
            if condition(step.get("if", "success()"), self.contexts) and not self.step(step):
                self.contexts["status"] = "failure"

    def outputs(self):
        return {name: interpolate(text, self.contexts) for name, text in self.job.get("outputs", {}).items()}

    def text(self, value):
        return as_text(interpolate(value, self.contexts) if isinstance(value, str) else value)

    def step(self, step):
        if "uses" in step:
            given = {name: self.text(value) for name, value in step.get("with", {}).items()}
            return getattr(self, step["uses"].split("@")[0].split("/")[-1].replace("-", "_"))(given)
        return self.shell(step)

    def shell(self, step):
        files = {name: self.temp / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_PATH")}
        for file in files.values():
            file.write_text("")
        # GitHub has one for each step and shows them below each other.
        files["GITHUB_STEP_SUMMARY"] = self.run.directory / "summary.md"
        script = self.temp / "script.sh"
        script.write_text(step["run"])
        github = self.contexts["github"]
        env = self.run.environment | self.environment
        env["PATH"] = os.pathsep.join([*self.path, env["PATH"]])
        env |= {"GITHUB_REPOSITORY": github["repository"], "GITHUB_SERVER_URL": github["server_url"]}
        env |= {"GITHUB_RUN_ID": str(github["run_id"])} | {name: str(file) for name, file in files.items()}
        env |= {name: self.text(value) for name, value in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.workspace, env=env, text=True, check=False, timeout=60,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        self.run.log += done.stdout
        self.path = files["GITHUB_PATH"].read_text().split() + self.path
        outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        self.steps[step.get("id", "")] = {"outputs": outputs}
        return done.returncode == 0

    # ------------------------------------------------------------------------ the actions

    def checkout(self, given):
        ref = given.get("ref") or self.contexts["github"]["sha"]
        assert given["persist-credentials"] == "false"
        depth = given.get("fetch-depth", "1")
        self.run.checkouts.append((given.get("repository"), ref))
        git(self.workspace, "init", "--quiet")
        depth = [] if depth == "0" else ["--depth", depth]
        git(self.workspace, "fetch", "--quiet", *depth, f"file://{self.run.origin}", ref)
        git(self.workspace, "checkout", "--quiet", "--detach", "FETCH_HEAD")
        return True

    def upload_artifact(self, given):
        root = self.workspace / given["path"]
        files = [each for each in root.rglob("*") if each.is_file()]
        if not files:
            return given["if-no-files-found"] != "error"
        with zipfile.ZipFile(self.run.artifacts / f"{given['name']}.zip", "x") as archive:
            for file in files:
                archive.write(file, file.relative_to(root))
        return True

    def download_artifact(self, given):
        found = list(self.run.artifacts.glob(f"{given.get('name') or given['pattern']}.zip"))
        assert "pattern" not in given or given["merge-multiple"] == "true"
        for each in found:
            shutil.unpack_archive(each, self.workspace / given["path"])
        return bool(found) or "pattern" in given

    def configure_aws_credentials(self, given):
        self.run.roles.append((given["role-to-assume"], given["aws-region"]))
        self.environment |= {"AWS_ACCESS_KEY_ID": given["role-to-assume"], "AWS_REGION": given["aws-region"]}
        return True

    def setup_python(self, given):
        return given["python-version"] == "3.11"

    def attest(self, given):
        self.run.attested.append(given["subject-checksums"])
        return (self.workspace / given["subject-checksums"]).is_file()


# No sample hooks to copy, nothing to tidy up, and nothing of whoever runs this.
QUICK = {"GIT_TEMPLATE_DIR": "", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull} | {
    "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "maintenance.auto", "GIT_CONFIG_VALUE_0": "false",
}


def git(directory, *arguments):
    command = ["git", "-C", directory, *arguments]
    done = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, env=os.environ | QUICK)
    return done.stdout.strip()
