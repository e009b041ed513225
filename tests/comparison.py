"""What differs between two worlds that were read back (readback.py), but for what differences.toml lists."""

import fnmatch
import pathlib
import tomllib

LISTED = tomllib.loads((pathlib.Path(__file__).parent / "terraform" / "differences.toml").read_text())


def flat(value, path=""):
    """A tree as paths and leaves; a list is a leaf, and what is empty is not there."""
    if not isinstance(value, dict):
        return {path: value} if value not in (None, "", []) else {}
    leaves = {}
    for name, each in value.items():
        leaves |= flat(each, f"{path}/{name}" if path else name)
    return leaves


def different(left, right):
    """The paths at which two worlds differ, with both values."""
    left, right = flat(left), flat(right)
    return {path: (left.get(path), right.get(path))
            for path in sorted(left.keys() | right.keys()) if left.get(path) != right.get(path)}


def differences(of, template, module):
    """One text: what differs and is not listed, and what is listed and differs no more; empty if all is well."""
    found = different(template, module)
    listed = [each["path"] for each in LISTED[of]]
    open_ones = [f"{path}\n  template {left}\n  module   {right}" for path, (left, right) in found.items()
                 if not any(fnmatch.fnmatchcase(path, one) for one in listed)]
    stale = [f"{one} is listed and differs no more" for one in listed if not fnmatch.filter(found, one)]
    return "\n".join(open_ones + stale)
