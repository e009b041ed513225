"""Every policy of the templates of infra/, judged by parliament.

Run it with the Python of target/venv/audit: `make audit` does. A finding that stays has its reason here.
"""

import json
import sys

import parliament
from parliament import statement

from deployed import ACCOUNT, Deployed

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TEMPLATES = {
    "template.yaml": {"UploaderArns": f"arn:aws:iam::{ACCOUNT}:role/uploader"},
    "region.yaml": {},
    "github-oidc.yaml": {"Owner": "octo", "Repository": "images"},
    "consumer-account.yaml": {"BuildingAccount": "222222222222", "KeyArns": KEY},
    "consumer-rebuild.yaml": {"BuildingAccount": "222222222222"},
}

# Findings that stay: the issue, what its detail or its policy says, and why it stays.
WAIVED = (
    ("RESOURCE_STAR", "KeyPolicy", "in a key policy, * is that key"),
    ("RESOURCE_STAR", "imagebuilder:List", "a list names no resource: the roles hold it to their Region"),
    ("RESOURCE_STAR", "ssm:UpdateInstanceAssociationStatus", "the agent reports on its own instance, unknown beforehand"),
    ("RESOURCE_MISMATCH", "ssm:GetDocument", "Amazon's documents have no account in their ARN"),
    ("RESOURCE_MISMATCH", "ec2:RunInstances", "each kind of resource has a statement of its own, for its conditions"),
    ("UNKNOWN_ACTION", "imagebuilder:RetryImage", "newer than parliament's list of 2025"),
    ("UNKNOWN_ACTION", "imagebuilder:DistributeImage", "newer than parliament's list of 2025"),
    ("UNKNOWN_CONDITION_FOR_ACTION", "kms:ResourceAliases", "in AWS's list of every action on a key, not in parliament's"),
    ("RESOURCE_POLICY_PRIVILEGE_ESCALATION", "s3:PutBucketPolicy",
     "reconcile keeps the consumers' statements of the output bucket: who may change what it runs may read it"),
)


translate = statement.translate_documentation_types


def translate_lists(kind):
    """parliament knows no lists of ARNs, the type of events:TargetArn."""
    return translate(kind.removeprefix("ArrayOf"))


statement.translate_documentation_types = translate_lists


def documents(resource):
    """The policies in a resource's properties, by the names of what holds them. parliament does not know
    trust policies: each template's own test judges whom they let in."""
    properties = resource.get("Properties", {})
    for each in properties.get("Policies", []):
        yield each["PolicyName"], each["PolicyDocument"]
    for name in ("PolicyDocument", "KeyPolicy"):
        if name in properties:
            yield name, properties[name]


def findings():
    for template, given in TEMPLATES.items():
        for name, resource in Deployed(template, **given).resources.items():
            for policy, document in documents(resource):
                for each in parliament.analyze_policy_string(json.dumps(document)).findings:
                    finding = f"infra/{template}: {name}, {policy}: {each.issue} {each.detail} {each.location}"
                    if not is_waived(each.issue, finding):
                        yield finding


def is_waived(issue, finding):
    return any(issue == waived and part in finding for waived, part, _ in WAIVED)


def main():
    found = list(findings())
    print("\n".join(found) or "parliament: no findings")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
