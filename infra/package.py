"""Makes what a release has of the functions: for each architecture a zip and its bill of materials, and checksums.

    package.py DIRECTORY ARCHITECTURE=BINARY ...

The same binaries give the same bytes, whatever the machine, the folder and the time: a zip has one file with a fixed
time and mode, and a bill names neither a folder of this machine nor the moment. `make package` builds the binaries.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).parents[1]
TARGETS = {"x86_64": "x86_64-unknown-linux-gnu", "arm64": "aarch64-unknown-linux-gnu"}
# The package that all functions are built from.
PACKAGE = "bootstrap"
# The earliest that a zip can say.
TIME = (1980, 1, 1, 0, 0, 0)
# Unix, a regular file that everybody may run: Lambda starts it as a user of its own.
UNIX, MODE = 3, 0o100755
# What an ELF file says of its processor (System V ABI, "ELF header").
MACHINES = {62: "x86_64", 183: "arm64"}
# What differs from one run to the next, and says nothing about what is in the zip.
FLEETING = {"serialNumber", "timestamp"}


# ---------------------------------------------------------------------------- zips


def zipped(binary, path):
    """Writes the zip that Lambda takes: one file, named as the runtime provided.al2023 asks for it."""
    entry = zipfile.ZipInfo("bootstrap", TIME)
    entry.create_system, entry.external_attr = UNIX, MODE << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, binary.read_bytes(), compresslevel=9)


def built_for(zip_file):
    """The processor of the functions' binary; None if it is none that this knows, such as a script."""
    with zipfile.ZipFile(zip_file) as archive, archive.open("bootstrap") as binary:
        head = binary.read(20)
    return MACHINES.get(int.from_bytes(head[18:20], "little")) if head.startswith(b"\x7fELF") else None


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


# ---------------------------------------------------------------------------- bills of materials


def run(command, folder, **environment):
    done = subprocess.run(command, cwd=folder, env=os.environ | environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.returncode}\n{done.stderr}")
    return done.stdout


def linked(tree):
    """Names and versions of what `cargo tree --prefix none` lists."""
    lines = (line.split() for line in tree.splitlines() if line.strip())
    return {(name, version.removeprefix("v")) for name, version, *_ in lines}


def bill_of(target):
    """What is linked into the binary for a target, as CycloneDX.

    cargo-cyclonedx writes beside each manifest, so that it works on a copy. It takes the features of the whole
    workspace together, and lists 48 crates that the functions are built without; `cargo tree -p` knows them.
    """
    listed = ["cargo", "tree", "--locked", "-p", PACKAGE, "-e", "normal", "--target", target, "--prefix", "none"]
    tree = run(listed, ROOT)
    with tempfile.TemporaryDirectory() as copy:
        for name in run(["git", "ls-files", "-z", "Cargo.*", "crates", "functions", "tests"], ROOT).split("\0")[:-1]:
            (pathlib.Path(copy) / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, pathlib.Path(copy) / name)
        manifest = f"functions/{PACKAGE}/Cargo.toml"
        described = ["cargo", "cyclonedx", "--quiet", "--format", "json", "--spec-version", "1.5", "--target", target,
                     "--no-build-deps", "--override-filename", "bill", "--manifest-path", manifest]
        run(described, copy, SOURCE_DATE_EPOCH="0")
        bill = json.loads((pathlib.Path(copy) / manifest).with_name("bill.json").read_text())
        return lasting(only(bill, linked(tree)), copy)


def only(bill, packages):
    """A bill without what is not linked. Exits if it lacks something that is."""
    components = [each for each in bill["components"] if (each["name"], each["version"]) in packages]
    missing = packages - {(each["name"], each["version"]) for each in components} - {(PACKAGE, own_version(bill))}
    if missing:
        sys.exit(f"cargo-cyclonedx does not list {sorted(missing)}, which are linked")
    known = {each["bom-ref"] for each in [bill["metadata"]["component"], *components]}
    dependencies = [
        each | ({"dependsOn": [on for on in each["dependsOn"] if on in known]} if "dependsOn" in each else {})
        for each in bill["dependencies"] if each["ref"] in known
    ]
    return bill | {"components": components, "dependencies": dependencies}


def own_version(bill):
    return bill["metadata"]["component"]["version"]


def lasting(value, root):
    """A bill without times and serial numbers, and with paths below the repository instead of this machine's."""
    if isinstance(value, dict):
        return {name: lasting(each, root) for name, each in value.items() if name not in FLEETING}
    if isinstance(value, list):
        return [lasting(each, root) for each in value]
    return re.sub(rf"{re.escape(root)}(?=[/#?]|$)", ".", value) if isinstance(value, str) else value


def of_zip(bill, archive):
    """The bill says whose it is: the zip, by its digest."""
    component = bill["metadata"]["component"] | {"hashes": [{"alg": "SHA-256", "content": digest(archive)}]}
    return bill | {"metadata": bill["metadata"] | {"component": component}}


# ---------------------------------------------------------------------------- all of it


def package(directory, binaries, bill_of=bill_of):
    """Writes everything and returns the text of SHA256SUMS; `binaries` are paths by architecture."""
    directory.mkdir(parents=True, exist_ok=True)
    made = []
    for architecture, binary in binaries.items():
        archive = directory / f"functions-{architecture}.zip"
        zipped(binary, archive)
        bill = archive.with_suffix(".cdx.json")
        described = of_zip(bill_of(TARGETS[architecture]), archive)
        bill.write_text(json.dumps(described, indent=1, sort_keys=True) + "\n")
        made += [archive, bill]
    sums = "".join(f"{digest(each)}  {each.name}\n" for each in sorted(made))
    (directory / "SHA256SUMS").write_text(sums)
    return sums


def main(directory, *given):
    binaries = dict(each.split("=", 1) for each in given)
    print(package(pathlib.Path(directory), {name: pathlib.Path(path) for name, path in binaries.items()}), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
