"""Values for shapes of the model: valid ones, as small or as large as they may be, and broken ones.

A `Values` knows a world: for shapes that name a resource it gives one that exists there.
"""

import re

# What patterns are tried with, simplest first; a shape whose pattern fits none of them needs a
# sample of its own, and says so.
CANDIDATES = [
    "abc",
    "a",
    "1.0.0",
    "111122223333",
    "us-east-1",
    "/path/to/parameter",
    "my image {{ imagebuilder:buildDate }}",
    "o-abcdefghij",
    "arn:aws:organizations::111122223333:organization/o-abcdefghij",
    "arn:aws:organizations::111122223333:ou/o-abcdefghij/ou-abcd-abcdefgh",
    "arn:aws:license-manager:us-east-1:111122223333:license-configuration:lic-" + "a" * 32,
    "lt-" + "0" * 17,
    "arn:aws:sns:us-east-1:111122223333:topic",
    "optional",
    "Europe/Berlin",
    "QUJD",
    "arn:aws:iam::111122223333:role/executor",
    "s3://bucket/key",
    "wf-00000000-0000-0000-0000-000000000000",
    "step-00000000-0000-0000-0000-000000000000",
    "lce-00000000-0000-0000-0000-000000000000",
    "ami-08bd941ae380bd3cd",
    "arn:aws:imagebuilder:us-east-1:111122223333:container-recipe/web/1.0.0",
    "arn:aws:imagebuilder:us-east-1:111122223333:component/web/1.0.0/1",
]

# Tried in turn until one breaks the pattern; none of them is empty.
BREAKERS = ["!", "ä", "nonsense", "a b", "\x00", "-", "#", "aws:reserved", " "]

# Repeated to make a value longer; the first that the pattern admits is taken.
FILLERS = "a0A-/. "


def admits(shape, text):
    pattern = shape.metadata.get("pattern")
    return pattern is None or re.search(pattern, text, re.ASCII) is not None


def fits(shape, text):
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 1 << 20)
    allowed = shape.enum is None or not shape.enum or text in shape.enum
    return low <= len(text) <= high and admits(shape, text) and allowed


class Values:
    def __init__(self, known):
        self.known = known

    def smallest(self, shape, name=None):
        """The smallest valid value, as far as the world does not ask for more."""
        for key in (name, shape.name):
            if key in self.known:
                return self.known[key]
        kind = shape.type_name
        if kind == "structure":
            return {one: self.smallest(shape.members[one], one) for one in shape.required_members}
        if kind == "list":
            return [self.smallest(shape.member) for _ in range(shape.metadata.get("min", 0) or 1)]
        if kind == "map":
            return {self.smallest(shape.key): self.smallest(shape.value)}
        if kind == "string":
            return self.text(shape)
        if kind in ("integer", "long"):
            return shape.metadata.get("min", 1)
        return {"boolean": False, "timestamp": 4102444800}[kind]

    def text(self, shape):
        if shape.enum:
            return shape.enum[0]
        for candidate in [self.known.get(shape.name, ""), *CANDIDATES, ""]:
            if fits(shape, candidate):
                return candidate
        raise LookupError(f"no sample for {shape.name} {shape.metadata}")

    def broken(self, shape):
        """Pairs of a rule and a value that breaks it."""
        kind, low, high = shape.type_name, shape.metadata.get("min"), shape.metadata.get("max")
        if kind == "string":
            yield from self.broken_text(shape, low, high)
        elif kind in ("integer", "long"):
            yield from ((f"min {low}", low - 1),) if low is not None else ()
            yield from ((f"max {high}", high + 1),) if high is not None else ()
        elif kind == "list":
            yield from ((f"min {low}", self.items(shape, low - 1)),) if low else ()
            yield from ((f"max {high}", self.items(shape, high + 1)),) if high is not None else ()
        elif kind == "map":
            yield from ((f"min {low}", {}),) if low else ()
            yield from ((f"max {high}", self.entries(shape, high + 1)),) if high is not None else ()

    def broken_text(self, shape, low, high):
        if shape.enum:
            yield "enum", "NO-SUCH-" + shape.enum[0]
            return
        if low:
            yield f"min {low}", self.text(shape)[: low - 1]
        if high is not None:
            yield f"max {high}", self.longer(shape, high + 1)
        # A pattern such as `[^\x00]*` is not anchored: every text has a place that matches it.
        breakers = [text for text in BREAKERS if not admits(shape, text)]
        yield from (("pattern", text) for text in breakers[:1])

    def edges(self, shape):
        """Pairs of a rule and a value that only just keeps it."""
        kind, low, high = shape.type_name, shape.metadata.get("min"), shape.metadata.get("max")
        if kind == "string" and shape.enum:
            yield from ((f"enum {one}", one) for one in shape.enum)
        elif kind == "string":
            longest = high and self.longer(shape, high)
            yield from ((f"max {high}", longest),) if longest and fits(shape, longest) else ()
            shortest = low and self.text(shape)[:low]
            yield from ((f"min {low}", shortest),) if shortest and fits(shape, shortest) else ()
        elif kind in ("integer", "long"):
            yield from ((f"edge {edge}", edge) for edge in (low, high) if edge is not None)
        elif kind == "list":
            yield from ((f"max {high}", self.items(shape, high)),) if high is not None else ()
        elif kind == "map":
            yield from ((f"max {high}", self.entries(shape, high)),) if high is not None else ()

    def longer(self, shape, length):
        """A text of this length that only its length can break."""
        start = self.text(shape)
        for text in [start + filler * (length - len(start)) for filler in FILLERS]:
            if admits(shape, text):
                return text
        return start + FILLERS[0] * (length - len(start))

    def items(self, shape, count):
        return [self.smallest(shape.member) for _ in range(count)]

    def entries(self, shape, count):
        return {f"key{index}": self.smallest(shape.value) for index in range(count)}
