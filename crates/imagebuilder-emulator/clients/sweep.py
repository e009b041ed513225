"""Sweeps the service model: the emulator must accept and refuse exactly as the model says.

For each operation that behaves: its smallest valid call; for each required member a call without
it; for each constrained member, at any depth, a call that breaks just that constraint, and calls
that only just keep it. Every case meets the same world.
"""

import collections
import copy
import json
import sys

from botocore.exceptions import ClientError

import emulator as emulators
from values import Values
from world import World

# Containers, imports of disks, sharing and the marketplace.
GAPS = {
    "CreateContainerRecipe",
    "DeleteContainerRecipe",
    "GetComponentPolicy",
    "GetContainerRecipe",
    "GetContainerRecipePolicy",
    "GetImagePolicy",
    "GetImageRecipePolicy",
    "GetMarketplaceResource",
    "ImportDiskImage",
    "ImportVmImage",
    "ListContainerRecipes",
    "PutComponentPolicy",
    "PutContainerRecipePolicy",
    "PutImagePolicy",
    "PutImageRecipePolicy",
}


class Sweep:
    def __init__(self, running):
        self.running = running
        self.client = running.client()
        world = World(running)
        self.values, self.needs = Values(world.known()), world.needs()
        self.state = running.control("GET", "state")
        self.counts, self.failures = collections.Counter(), []

    def run(self):
        for name in self.client.meta.service_model.operation_names:
            operation = self.client.meta.service_model.operation_model(name)
            self.gap(operation) if name in GAPS else self.behaving(operation)

    def gap(self, operation):
        status, code, _ = self.call(operation, self.smallest(operation))
        self.expect("says that it is not emulated", operation, "", (status, code) == (501, "NotEmulatedException"))

    def behaving(self, operation):
        smallest = self.smallest(operation)
        status, code, message = self.call(operation, smallest)
        self.expect("smallest call accepted", operation, f"{status} {code} {message}", status == 200)
        for path, shape in constrained(operation.input_shape):
            for rule, value in self.values.broken(shape):
                self.refused(operation, smallest, path, shape, rule, value)
            for rule, value in self.values.edges(shape):
                self.admitted(operation, smallest, path, rule, value)
        for path in required(operation.input_shape):
            self.without(operation, smallest, path)

    def smallest(self, operation):
        call = self.values.smallest(operation.input_shape)
        return {**call, **copy.deepcopy(self.needs.get(operation.name, {}))}

    def refused(self, operation, smallest, path, shape, rule, value):
        if in_path(operation, path) and value == "":
            self.counts["left out: an empty label is another route"] += 1
            return
        call = self.plugged(operation, smallest, path, value)
        status, code, message = self.call(operation, call)
        hit = (status, code) == (400, "InvalidParameterValueException") and names(message, path)
        what = f"{dotted(path)} {rule} {str(value)[:40]!r}: {status} {code} {message}"
        self.expect("broken constraints refused", operation, what, hit)

    def admitted(self, operation, smallest, path, rule, value):
        call = self.plugged(operation, smallest, path, value)
        status, code, message = self.call(operation, call)
        hit = status == 200 or not (f"'{plain(path)}' must" in message or code == "SerializationException")
        outcome = "accepted" if status == 200 else "past the model, refused for their meaning"
        what = f"{dotted(path)} {rule} {str(value)[:40]!r}: {status} {code} {message}"
        self.expect(f"edges {outcome}", operation, what, hit)

    def without(self, operation, smallest, path):
        if in_path(operation, path):
            self.counts["left out: an empty label is another route"] += 1
            return
        call = self.plugged(operation, smallest, path, None)
        status, code, message = self.call(operation, call)
        hit = (status, code) == (400, "InvalidParameterValueException") and names(message, path)
        what = f"without {dotted(path)}: {status} {code} {message}"
        self.expect("missing members refused", operation, what, hit)

    def plugged(self, operation, smallest, path, value):
        """The smallest call with another value at a path; None takes it out."""
        call = copy.deepcopy(smallest)
        place, shape = call, operation.input_shape
        for step in path[:-1]:
            place, shape = self.entered(place, shape, step)
        last = path[-1]
        if value is None:
            place.pop(last, None)
        elif last == KEY:
            place.clear()
            place[value] = self.values.smallest(shape.value)
        elif last == VALUE:
            place[next(iter(place))] = value
        else:
            place[last] = value
        return call

    def entered(self, place, shape, step):
        inner = shape.members[step] if shape.type_name == "structure" else shape.member
        if shape.type_name == "structure" and step not in place:
            place[step] = self.values.smallest(inner, step)
        if isinstance(step, int) and not place:
            place.append(self.values.smallest(inner))
        return place[step], inner

    def call(self, operation, parameters):
        method = getattr(self.client, emulators.python_name(operation.name))
        try:
            method(**parameters)
            status, code, message = 200, "", ""
            changes = not operation.name.startswith(("Get", "List"))
        except ClientError as error:
            answer = error.response
            status = answer["ResponseMetadata"]["HTTPStatusCode"]
            code, message = answer["Error"]["Code"], answer["Error"]["Message"]
            changes = False
        if changes:
            self.running.control("PUT", "state", self.state)
        return status, code, message

    def expect(self, what, operation, detail, holds):
        self.counts[what] += 1
        if not holds:
            self.failures.append(f"{what}: {operation.name} {detail}")


KEY, VALUE = "<key>", "<value>"


def constrained(shape, path=()):
    """Every place inside a shape, and what may be there."""
    if path:
        yield path, shape
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from constrained(member, (*path, name))
    elif shape.type_name == "list":
        yield from constrained(shape.member, (*path, 0))
    elif shape.type_name == "map":
        yield from constrained(shape.key, (*path, KEY))
        yield from constrained(shape.value, (*path, VALUE))


def required(shape, path=()):
    if shape.type_name == "structure":
        yield from ((*path, name) for name in shape.required_members)
        for name, member in shape.members.items():
            yield from required(member, (*path, name))
    elif shape.type_name == "list":
        yield from required(shape.member, (*path, 0))


def in_path(operation, path):
    member = operation.input_shape.members[path[0]]
    return member.serialization.get("location") == "uri"


def dotted(path):
    return "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path).lstrip(".")


def names(message, path):
    """Whether a message names the place; of a map it may name the map."""
    return f"'{plain(path)}'" in message


def plain(path):
    return dotted([one for one in path if one not in (KEY, VALUE)])


def main():
    with emulators.running() as running:
        sweep = Sweep(running)
        sweep.run()
    for failure in sweep.failures:
        print(failure, file=sys.stderr)
    print(json.dumps(sweep.counts, indent=2))
    print(f"{sum(sweep.counts.values())} cases, {len(sweep.failures)} failed")
    sys.exit(bool(sweep.failures))


if __name__ == "__main__":
    main()
