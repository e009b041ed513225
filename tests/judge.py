"""What the policies of a resolved template decide, by the evaluator of the embedded AWS.

It is not ours, so that it shares no misreading of IAM with the templates. A test asks as a role of the
template, or as anybody else of an account.
"""

import json

from ministack.core.iam_evaluator import (
    EvalContext, combine_resource_policy, evaluate, evaluate_resource_policy, parse_policy_document,
)
from deployed import ACCOUNT, Deployed, role

__all__ = ["ACCOUNT", "Deployed", "Judge", "role"]

def caller(arn):
    """A principal of an account: what policies call `aws:PrincipalArn`."""
    account = arn.split(":")[4] if arn.startswith("arn:") else ACCOUNT
    kind = {"root": "Root", "user": "User"}.get(arn.split(":")[-1].split("/")[0], "AssumedRole")
    return {"principal_arn": arn, "principal_account": account, "principal_type": kind}


def question(arn, action, resource, keys):
    """`keys` are condition keys by their name."""
    return EvalContext(
        **caller(arn), action=action, resource_arn=resource, region="us-east-1", secure_transport=True,
        service_context={name.lower(): value for name, value in keys.items()},
    )


class Judge:
    """The policies of a [`Deployed`] template."""

    def __init__(self, resolved):
        self.resolved = resolved

    def documents(self, role):
        """A role's own policies, the managed ones that it names, and those that name it."""
        resources = self.resolved.resources
        properties = resources[role]["Properties"]
        documents = [each["PolicyDocument"] for each in properties.get("Policies", [])]
        for each in properties.get("ManagedPolicyArns", []):
            documents.append(resources[each.strip("<>")]["Properties"]["PolicyDocument"])
        for each in resources.values():
            if each["Type"] == "AWS::IAM::Policy" and f"<{role}>" in each["Properties"]["Roles"]:
                documents.append(each["Properties"]["PolicyDocument"])
        return [parse_policy_document(json.dumps(each)) for each in documents]

    def by_role(self, role, action, resource, **keys):
        """What a role's own policies decide: Allow, Deny or ImplicitDeny."""
        asked = question(self.resolved.arn(role), action, resource, keys)
        return evaluate(asked, self.documents(role)).decision

    def by_resource(self, policy, arn, action, resource, **keys):
        """What a policy of a resource decides about anybody."""
        return evaluate_resource_policy(policy, question(arn, action, resource, keys)).decision

    def together(self, role, policy, action, resource, **keys):
        """What both decide where, as for a key, the resource's policy must allow."""
        asked = question(self.resolved.arn(role), action, resource, keys)
        identity = evaluate(asked, self.documents(role))
        return combine_resource_policy(identity, asked, policy, ACCOUNT, required=True).decision
