"""That the configurations of infra/terraform are in form, valid and tested, without an account.

`terraform test` runs what infra/terraform/tests has for users. Run it with any Python 3.11: `make terraform` does.
"""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[1] / "infra" / "terraform"
TESTS = pathlib.Path(__file__).parent / "terraform"


def run(folder, *arguments):
    """Exits with what the command says if it fails."""
    command = ["terraform", *arguments, "-no-color"]
    # Nobody's own settings: the provider is that of the mirror.
    environment = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{folder.name}: {' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def valid(folder, mirror):
    run(folder, "init", "-backend=false", "-input=false", f"-plugin-dir={mirror}")
    run(folder, "validate")
    return folder.name


def tested(root):
    return run(root, "test").strip().splitlines()[-1]


def main():
    mirror = os.environ.get("TF_PLUGIN_DIR")
    if not shutil.which("terraform"):
        print("SKIPPED: the Terraform module is not validated, there is no terraform command")
        return
    for folder in ROOT, TESTS:
        run(folder, "fmt", "-check", "-diff", "-recursive")
    if not mirror:
        print("SKIPPED: the Terraform module is not validated, TF_PLUGIN_DIR names no mirror of its provider")
        return
    with tempfile.TemporaryDirectory() as directory, concurrent.futures.ThreadPoolExecutor(2) as pool:
        copy = pathlib.Path(directory) / "infra" / "terraform"
        # An example reads a template.
        shutil.copytree(ROOT.parent, copy.parent, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        valid(copy, mirror)
        examples = sorted(each for each in (copy / "examples").iterdir())
        names = list(pool.map(valid, examples, [mirror] * len(examples)))
        print(f"valid: the module, and the examples {', '.join(names)}")
        print(tested(copy))


if __name__ == "__main__":
    main()
