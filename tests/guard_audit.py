"""The templates of infra/, resolved, judged by cfn-guard with AWS Control Tower's rules.

    guard_audit.py PACKAGE

PACKAGE is the unpacked npm package that has both. `make audit` fetches it. A finding that stays has its
reason here.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

from deployed import Deployed
from policies_audit import TEMPLATES

# By rule: why it is not followed.
WAIVED = {
    "cloudwatch_log_group_encrypted_check": "CloudWatch encrypts them; a log must outlive a key that is disabled",
    "cloudwatch_log_group_retention_period_check": "LogRetentionDays is a parameter; the reports stay for a year",
    "iam_managed_policy_no_statements_with_full_access_check":
        "a boundary gives no right; tests/template_test.py refuses whole services to every policy that does",
    "kms_create_grant_aws_service_check":
        "the account administers its keys; who else may grant is bound to AWS's services, or denied",
    "s3_bucket_default_encryption_kms_check":
        "consumers read the output bucket without the key; what is secret is in neither bucket",
    "s3_bucket_logging_enabled_check":
        "CloudTrail's data events tell who reads and writes; a bucket of logs would be one more to guard",
    "s3_bucket_object_lock_enabled_check": "the policies deny everybody to delete a version, which the owner can lift",
    "s3_event_notifications_enabled_check": "nobody waits for what the functions write",
    "s3_lifecycle_policy_check": "documents are kept for ever: they say who had access",
    "s3_version_lifecycle_policy_check": "documents are kept for ever: they say who had access",
    "sqs_dlq_check": "each queue is where messages end: a person reads them",
}


def resolved_into(directory):
    for template, given in TEMPLATES.items():
        resources = Deployed(template, **given).resources
        (directory / f"{template}.json").write_text(json.dumps({"Resources": resources}))


def names(found):
    """The resources that a finding is about."""
    if isinstance(found, list):
        return set().union(*map(names, found))
    if not isinstance(found, dict):
        return set()
    path = found.get("path")
    own = {path.split("/")[2]} if isinstance(path, str) and path.startswith("/Resources/") else set()
    return own.union(*map(names, found.values()))


def findings(package):
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        resolved_into(directory)
        command = [
            package / "bin/ubuntu/x86_64/cfn-guard", "validate", "--rules", package / "rules/control-tower/cfn-guard",
            "--data", directory, "--structured", "--output-format", "json", "--show-summary", "none",
        ]
        done = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE)
    for report in json.loads(done.stdout):
        for each in report["not_compliant"]:
            rule = each["Rule"]
            yield rule["name"], pathlib.Path(report["name"]).stem, sorted(names(rule))


def main(package):
    found = list(findings(pathlib.Path(package)))
    open_ones = [each for each in found if each[0] not in WAIVED]
    stale = WAIVED.keys() - {rule for rule, _, _ in found}
    for rule, template, resources in open_ones:
        print(f"infra/{template}: {rule}: {', '.join(resources)}")
    for rule in sorted(stale):
        print(f"the waiver of {rule} waives nothing")
    print(f"cfn-guard: {len(open_ones)} findings, {len(found) - len(open_ones)} waived")
    return bool(open_ones or stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
