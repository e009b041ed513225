"""A CloudFormation template as it stands for given parameters, resolved as CloudFormation does.

Only the functions that the templates of infra/ use are known; another one is a KeyError.
"""

import pathlib
import re

from samtranslator.yaml_helper import yaml_parse

INFRA = pathlib.Path(__file__).parents[1] / "infra"
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "111122223333", "AWS::NoValue": None}


class Resolved:
    """Resources and outputs for the given parameters; what has a condition that fails is not there."""

    def __init__(self, template, partition="aws", account="111122223333", **given):
        self.template = yaml_parse((INFRA / template).read_text())
        unknown = given.keys() - self.template["Parameters"].keys()
        assert not unknown, f"no parameters: {unknown}"
        self.names = PSEUDO | {"AWS::Partition": partition, "AWS::AccountId": account}
        for name, parameter in self.template["Parameters"].items():
            self.names[name] = checked(name, parameter, given.get(name, parameter.get("Default")))
        self.resources = self.there("Resources")

    @property
    def outputs(self):
        return self.there("Outputs")

    def there(self, section):
        return {
            name: self.value(each)
            for name, each in self.template[section].items()
            if self.holds(each.get("Condition"))
        }

    def holds(self, condition):
        return condition is None or self.value(self.template["Conditions"][condition])

    def value(self, node):
        if isinstance(node, list):
            values = [self.value(each) for each in node]
            return [each for each in values if each is not None]
        if not isinstance(node, dict):
            return node
        (function, argument), *others = node.items()
        if others or not (function == "Ref" or function.startswith("Fn::")):
            members = {name: self.value(each) for name, each in node.items()}
            return {name: each for name, each in members.items() if each is not None}
        return {
            "Ref": self.reference, "Fn::Sub": self.substitute, "Fn::Equals": self.equals,
            "Fn::If": self.choose, "Fn::Not": lambda operand: not self.value(operand[0]),
            "Fn::GetAtt": self.attribute, "Fn::Join": self.join, "Fn::Split": self.split,
            "Fn::Select": self.select,
        }[function](argument)

    def reference(self, name):
        if name not in self.names:
            assert name in self.template["Resources"], f"no parameter and no resource: {name}"
        return self.names.get(name, f"<{name}>")

    def attribute(self, argument):
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        assert name in self.template["Resources"], name
        return f"<{name}.{attribute}>"

    def substitute(self, argument):
        text, extra = argument if isinstance(argument, list) else (argument, {})
        values = {name: self.value(each) for name, each in extra.items()}

        def found(match):
            name = match[1]
            if name in values:
                return values[name]
            return self.attribute(name) if "." in name else self.reference(name)

        return re.sub(r"\$\{([^}]+)\}", found, text)

    def equals(self, argument):
        left, right = self.value(argument)
        return left == right

    def choose(self, argument):
        condition, yes, no = argument
        return self.value(yes if self.holds(condition) else no)

    def join(self, argument):
        between, parts = argument
        return between.join(self.value(parts))

    def split(self, argument):
        between, text = argument
        return self.value(text).split(between)

    def select(self, argument):
        index, parts = argument
        return self.value(parts)[int(index)]

    def trust(self, role):
        (statement,) = self.resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        return statement

    def statements(self, name):
        """The statements of a role's inline policies, or of a policy."""
        properties = self.resources[name]["Properties"]
        for policy in properties.get("Policies", [properties]):
            yield from policy.get("PolicyDocument", {}).get("Statement", [])

    def allowed(self, name):
        return (each for each in self.statements(name) if each["Effect"] == "Allow")

    def actions(self, name):
        return {action for statement in self.allowed(name) for action in listed(statement["Action"])}

    def resources_of(self, name):
        for statement in self.allowed(name):
            yield from listed(statement["Resource"])


def listed(value):
    return value if isinstance(value, list) else [value]


def checked(name, parameter, value):
    """The parameter's value, if CloudFormation takes it."""
    assert value is not None, f"{name} is missing"
    pattern, allowed = parameter.get("AllowedPattern"), parameter.get("AllowedValues")
    if parameter["Type"] == "CommaDelimitedList":
        # Each member must match, and an empty text is a list of one empty member.
        members = value.split(",")
        assert pattern is None or all(re.fullmatch(pattern, each) for each in members), f"{name}={value} is not {pattern}"
        return members
    assert pattern is None or re.fullmatch(pattern, value), f"{name}={value} is not {pattern}"
    assert allowed is None or value in allowed, f"{name}={value} is none of {allowed}"
    return value
