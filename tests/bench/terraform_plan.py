"""What `terraform plan` costs for so many recipes of which nothing has changed."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import chains
from front import Front
from stack import FAST, Stack

ARN = "arn:aws:iam::111122223333:role/executor"
COMPONENT = """\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Harden
        action: ExecuteBash
        inputs: { commands: ["true"] }
"""


def why_not():
    """Why there is nothing to compare with, if there is not."""
    if not shutil.which("terraform"):
        return "there is no terraform command"
    if "TF_PLUGIN_DIR" not in os.environ:
        return "TF_PLUGIN_DIR names no folder with its AWS provider"
    return None


def configuration(recipes):
    """As many recipes with a pipeline and a distribution each, as goldsmith makes them."""
    names = [f"recipe-{number}" for number in range(recipes)]
    kinds = {"image_recipe": recipe, "distribution_configuration": distribution, "image_pipeline": pipeline}
    resources = {"component": {"harden": component()}, "infrastructure_configuration": {"builder": infrastructure()},
                 **{kind: {name: make(name) for name in names} for kind, make in kinds.items()}}
    return {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
        "variable": {"endpoint": {"type": "string"}},
        "provider": {"aws": provider()},
        # Terraform takes no kind of which there is none.
        "resource": {f"aws_imagebuilder_{kind}": named for kind, named in resources.items() if named},
    }


def provider():
    return {
        "region": "us-east-1", "access_key": "111122223333", "secret_key": "test",
        "skip_credentials_validation": True, "skip_metadata_api_check": True, "skip_requesting_account_id": True,
        "endpoints": [{"imagebuilder": "${var.endpoint}"}],
    }


def component():
    return {"name": "harden", "platform": "Linux", "version": "1.0.0", "data": COMPONENT}


def infrastructure():
    return {"name": "builder", "instance_profile_name": "builder", "instance_types": ["m6i.large"]}


def recipe(name):
    return {"name": name, "parent_image": "ami-08bd941ae380bd3cd", "version": "1.0.0",
            "component": [{"component_arn": "${aws_imagebuilder_component.harden.arn}"}]}


def distribution(name):
    return {"name": name, "distribution": [{"region": "us-east-1", "ami_distribution_configuration": [
        {"name": name + " {{ imagebuilder:buildDate }}", "launch_permission": [{"user_ids": ["222222222222"]}]}]}]}


def pipeline(name):
    return {"name": name, "execution_role": ARN,
            "image_recipe_arn": f"${{aws_imagebuilder_image_recipe.{name}.arn}}",
            "infrastructure_configuration_arn": "${aws_imagebuilder_infrastructure_configuration.builder.arn}",
            "distribution_configuration_arn": f"${{aws_imagebuilder_distribution_configuration.{name}.arn}}"}


def run(folder, endpoint, *arguments):
    """The seconds of a processor that terraform and its provider take."""
    environment = {**os.environ, "TF_VAR_endpoint": endpoint, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    log = pathlib.Path(folder) / "log"
    with log.open("w") as out:
        command = ["terraform", *arguments, "-no-color", "-input=false"]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT)
        _, code, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}\n{log.read_text()}")
    return usage.ru_utime + usage.ru_stime


@contextlib.contextmanager
def applied(recipes, endpoint):
    """The folder of a configuration that was applied."""
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "main.tf.json").write_text(json.dumps(configuration(recipes)))
        run(folder, endpoint, "init", f"-plugin-dir={os.environ['TF_PLUGIN_DIR']}")
        run(folder, endpoint, "apply", "-auto-approve")
        yield folder


def measure(recipes):
    """The seconds of a processor, the calls, and the calls by operation."""
    with Stack(FAST, room=recipes) as stack, Front(stack.variables) as front:
        endpoint = stack.variables["AWS_ENDPOINT_URL_IMAGEBUILDER"]
        with applied(recipes, endpoint) as folder:
            seconds = run(folder, front.variables()["AWS_ENDPOINT_URL_IMAGEBUILDER"], "plan", "-detailed-exitcode")
        calls, _ = front.take()
        return seconds, len(calls), chains.counted(calls)
