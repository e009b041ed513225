"""Drives Terraform's AWS provider against the emulator: apply, an empty plan, a change in place,
destroy.

The provider comes from the folder that TF_PLUGIN_DIR names (a filesystem mirror), else from
Terraform's registry. Without the terraform command, or where the registry cannot be reached, the
test is skipped, and says so.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import emulator as emulators

HERE = pathlib.Path(__file__).resolve().parent

# Kinds of which nothing may be left after the destruction: operation, key of the answer.
KINDS = {
    "list_components": "componentVersionList",
    "list_image_recipes": "imageRecipeSummaryList",
    "list_infrastructure_configurations": "infrastructureConfigurationSummaryList",
    "list_distribution_configurations": "distributionConfigurationSummaryList",
    "list_image_pipelines": "imagePipelineList",
    "list_images": "imageVersionList",
    "list_workflows": "workflowVersionList",
    "list_lifecycle_policies": "lifecyclePolicySummaryList",
}


class Terraform:
    def __init__(self, folder, endpoint):
        self.folder = folder
        self.environment = {**os.environ, "TF_VAR_endpoint": endpoint, "TF_IN_AUTOMATION": "1"}

    def run(self, *arguments, expected=0):
        command = ["terraform", *arguments, "-no-color"]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        if done.returncode != expected:
            sys.exit(f"{' '.join(command)}: exit {done.returncode}, expected {expected}\n{done.stdout}{done.stderr}")
        return done.stdout

    def has_provider(self):
        mirror = os.environ.get("TF_PLUGIN_DIR")
        command = ["terraform", "init", "-input=false", "-no-color", *([f"-plugin-dir={mirror}"] if mirror else [])]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        if done.returncode and mirror:
            sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        return done.returncode == 0


def flow(terraform, emulator):
    apply = ("apply", "-auto-approve", "-input=false")
    print(last_line(terraform.run(*apply)))
    terraform.run("plan", "-detailed-exitcode", "-input=false")
    print("the plan is empty")
    changed = ("-var", "note=second")
    plan = terraform.run("plan", "-detailed-exitcode", *changed, expected=2)
    print(last_line(plan, "Plan:"))
    assert "0 to add" in plan and "0 to destroy" in plan, plan
    print(last_line(terraform.run(*apply, *changed)))
    terraform.run("plan", "-detailed-exitcode", "-input=false", *changed)
    print("the plan is empty again")
    print(last_line(terraform.run("destroy", "-auto-approve", *changed)))
    left = {kind: getattr(emulator.client(), kind)()[key] for kind, key in KINDS.items()}
    assert not any(left.values()), left


def last_line(text, start=("Apply complete", "Destroy complete")):
    return [line for line in text.splitlines() if line.startswith(start)][-1]


def main():
    if not shutil.which("terraform"):
        print("SKIPPED: Terraform's provider is not tested, there is no terraform command")
        return
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(HERE / "terraform" / "main.tf", folder)
        with emulators.running(clock="400") as emulator:
            terraform = Terraform(folder, emulator.url)
            if not terraform.has_provider():
                print("SKIPPED: Terraform's provider is not tested, no TF_PLUGIN_DIR and no registry")
                return
            flow(terraform, emulator)


if __name__ == "__main__":
    main()
