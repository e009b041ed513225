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

    def limits(self, role):
        """A role's boundary, if the template makes it."""
        boundary = self.resolved.resources[role]["Properties"].get("PermissionsBoundary", "").strip("<>")
        if boundary not in self.resolved.resources:
            return []
        document = self.resolved.resources[boundary]["Properties"]["PolicyDocument"]
        return [[parse_policy_document(json.dumps(document))]]

    def by_role(self, role, action, resource, **keys):
        """What a role's own policies decide within its boundary: Allow, Deny or ImplicitDeny."""
        return self.with_rights(role, [], action, resource, **keys)

    def with_rights(self, role, further, action, resource, **keys):
        """The same, if somebody attached further policies to the role."""
        asked = question(self.resolved.arn(role), action, resource, keys)
        attached = [parse_policy_document(json.dumps(each)) for each in further]
        return evaluate(asked, self.documents(role) + attached, *self.limits(role)).decision

    def by_resource(self, policy, arn, action, resource, **keys):
        """What a policy of a resource decides about anybody."""
        return evaluate_resource_policy(policy, question(arn, action, resource, keys)).decision

    def by_scp(self, scp, arn, action, resource, **keys):
        """What a service control policy leaves to somebody who may do everything: Allow or Deny."""
        everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        documents = [parse_policy_document(json.dumps(each)) for each in (everything, scp)]
        return evaluate(question(arn, action, resource, keys), documents).decision

    def together(self, role, policy, action, resource, **keys):
        """What both decide where, as for a key, the resource's policy must allow."""
        asked = question(self.resolved.arn(role), action, resource, keys)
        identity = evaluate(asked, self.documents(role), *self.limits(role))
        return combine_resource_policy(identity, asked, policy, ACCOUNT, required=True).decision
