#!/usr/bin/env python3
"""What a pull request hands over to the job that plans it, on both sides: an archive with the number
of the pull request and the documents of each environment that it changes.

    documents.py save DIRECTORY NUMBER ENVIRONMENT...

copies them out of the checkout, on the side that has no rights. `unpack` is for the other side: what
it reads was made by code of the pull request, so nothing in it is believed.
"""

import pathlib
import re
import shutil
import stat
import sys
import zipfile

# A document is read up to 256 KiB (LARGEST in crates/domain); one byte more lets `check` say so.
LARGEST_DOCUMENT = 256 * 1024 + 1
LARGEST_ARCHIVE = 4 * 1024 * 1024
MOST_ENVIRONMENTS = 20
MOST_FILES = 500

NUMBER = "pull-request"
# As infra/template.yaml allows them.
ENVIRONMENT = re.compile(r"[a-z][a-z0-9]{1,11}")
DOCUMENT = re.compile(
    r"ami-versions\.json|environment\.json"
    r"|(?:amis/)?workload[_-]accounts?(?:\.[a-z0-9-]{1,32})?\.json"
    # What completes documents is planned with them, as it is uploaded with them.
    r"|vars\.json|VERSION"
    r"|components/[A-Za-z0-9_-]{1,64}\.ya?ml"
    r"|(?:[A-Za-z0-9_-]{1,60}/)?audit/(?:poam|skip|aws\.[a-z0-9-]{1,32}\.skip)\.yml"
)


class Refused(Exception):
    """The archive is not what the workflow makes; the text says what was found."""


def save(directory, number, environments):
    """Copies the documents: regular files only, a link is left out and so refused as missing."""
    directory.mkdir(parents=True)
    (directory / NUMBER).write_text(number + "\n")
    for environment in environments:
        source = pathlib.Path("ami-versions", environment)
        for path in sorted(source.rglob("*")):
            key = path.relative_to(source).as_posix()
            if DOCUMENT.fullmatch(key) and path.is_file() and not path.is_symlink():
                copy = directory / "ami-versions" / environment / key
                copy.parent.mkdir(parents=True, exist_ok=True)
                with path.open("rb") as original, copy.open("wb") as out:
                    out.write(original.read(LARGEST_DOCUMENT))


def unpack(archive, directory):
    """The number of the pull request and its environments; their documents are below `directory`.

    Everything is judged before anything is written.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = {entry.filename: entry for entry in opened.infolist()}
            if len(entries) != len(opened.infolist()):
                raise Refused("a file is in the archive twice")
            environments = judge(entries)
            contents = {name: content(opened, entry) for name, entry in entries.items()}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise Refused(f"no archive that can be read: {error!r}") from error
    number = contents.pop(NUMBER).decode("ascii", "replace").removesuffix("\n")
    if not re.fullmatch(r"[1-9][0-9]{0,9}", number):
        raise Refused(f"expected the number of a pull request, found {number[:40]!r}")
    for name, data in contents.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return int(number), environments


def judge(entries):
    """The environments that the names tell, sorted, if every entry is what is expected."""
    if len(entries) > MOST_FILES:
        raise Refused(f"{len(entries)} files, more than {MOST_FILES}")
    if NUMBER not in entries:
        raise Refused(f"no file {NUMBER!r}")
    environments = {judge_document(name) for name in entries if name != NUMBER}
    for name, entry in entries.items():
        # The upper half is the Unix mode; 0 where the archive tells none.
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or entry.flag_bits & 1:
            raise Refused(f"{name!r} is no regular file")
        if entry.file_size > LARGEST_DOCUMENT:
            raise Refused(f"{name!r} has {entry.file_size} bytes, more than {LARGEST_DOCUMENT}")
    if len(environments) > MOST_ENVIRONMENTS:
        raise Refused(f"{len(environments)} environments, more than {MOST_ENVIRONMENTS}")
    if sum(entry.file_size for entry in entries.values()) > LARGEST_ARCHIVE:
        raise Refused(f"more than {LARGEST_ARCHIVE} bytes in all")
    return sorted(environments)


def judge_document(name):
    """The environment whose document this is."""
    parts = name.split("/", 2)
    if len(parts) == 3 and parts[0] == "ami-versions":
        if ENVIRONMENT.fullmatch(parts[1]) and DOCUMENT.fullmatch(parts[2]):
            return parts[1]
    raise Refused(f"unexpected file {name[:120]!r}")


def content(opened, entry):
    """At most what the entry promised: a size in a header is only a claim."""
    with opened.open(entry) as file:
        data = file.read(LARGEST_DOCUMENT + 1)
    if len(data) != entry.file_size:
        raise Refused(f"{entry.filename!r} has another size than it says")
    return data


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["save", directory, number, *environments]:
            shutil.rmtree(directory, ignore_errors=True)
            save(pathlib.Path(directory), number, environments)
        case _:
            sys.exit(__doc__)
