"""The expressions of GitHub Actions, as far as our workflows use them: `${{ a.b || 'c' }}`.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions. What a context
does not have is null; a context, a function or a syntax that is not known here is an error, so that a
test never passes by not understanding a condition.
"""

import json
import re

TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>\d+)|(?P<name>[A-Za-z_][\w.-]*)|(?P<op>&&|\|\||==|!=|[!(),]))")


def tokens(text):
    at = 0
    while text[at:].strip():
        token = TOKEN.match(text, at)
        if not token:
            raise SyntaxError(f"{text[at:]!r} in {text!r}")
        at = token.end()
        yield token.lastgroup, token[token.lastgroup]
    yield "end", ""


def interpolate(text, contexts):
    """A template's value: the object itself if it is one expression, else text."""
    whole = re.fullmatch(r"\$\{\{((?:(?!\}\}).)*)\}\}", text.strip(), re.DOTALL)
    if whole:
        return evaluate(whole[1], contexts)
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: as_text(evaluate(found[1], contexts)), text)


def condition(text, contexts):
    """Whether an `if` holds; without a status function, `success()` is meant."""
    text = re.sub(r"^\$\{\{(.*)\}\}$", r"\1", str(text).strip(), flags=re.DOTALL)
    status = any(f"{each}(" in text for each in ("always", "cancelled", "failure", "success"))
    return truthy(evaluate(text, contexts)) and (status or contexts["status"] == "success")


def as_text(value):
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def truthy(value):
    return value not in (None, False, "", 0)


def evaluate(text, contexts):
    parser = Parser(list(tokens(text)), contexts)
    value = parser.either()
    parser.take("end")
    return value


class Parser:
    def __init__(self, found, contexts):
        self.found, self.contexts = found, contexts

    def take(self, *kinds):
        kind, text = self.found.pop(0)
        if kind not in kinds and text not in kinds:
            raise SyntaxError(f"expected {kinds}, found {text!r}")
        return kind, text

    def next_is(self, *texts):
        return self.found[0][0] == "op" and self.found[0][1] in texts

    def either(self):
        value = self.both()
        while self.next_is("||"):
            self.take("||")
            other = self.both()
            value = value if truthy(value) else other
        return value

    def both(self):
        value = self.compared()
        while self.next_is("&&"):
            self.take("&&")
            other = self.compared()
            value = other if truthy(value) else value
        return value

    def compared(self):
        value = self.single()
        if self.next_is("==", "!="):
            _, operator = self.take("op")
            other = self.single()
            # GitHub ignores the case of text.
            same = as_text(value).casefold() == as_text(other).casefold()
            return same if operator == "==" else not same
        return value

    def single(self):
        kind, text = self.take("op", "text", "number", "name")
        if text == "!":
            return not truthy(self.single())
        if text == "(":
            value = self.either()
            self.take(")")
            return value
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return int(text)
        return self.call(text) if self.next_is("(") else self.look_up(text)

    def look_up(self, path):
        first, *rest = path.split(".")
        if first in ("true", "false"):
            return first == "true"
        value = self.contexts[first]
        for part in rest:
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def call(self, name):
        self.take("(")
        arguments = []
        while not self.next_is(")"):
            arguments.append(self.either())
            if self.next_is(","):
                self.take(",")
        self.take(")")
        status = self.contexts["status"]
        return {
            "fromJSON": lambda text: json.loads(text),
            "format": lambda text, *values: text.format(*values),
            "always": lambda: True,
            "cancelled": lambda: status == "cancelled",
            "success": lambda: status == "success",
            "failure": lambda: status == "failure",
        }[name](*arguments)
