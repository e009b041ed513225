"""Deploys an environment's stack: what `make deploy` runs.

    deploy.py nonprod [--yes] [--zip functions.zip] [--parameter LogRetentionDays=30]...

The name of the stack and its parameters are those of infra/samconfig.toml, so that `sam deploy` makes the same stack.
A parameter that is neither there nor given keeps the value that the stack has. It needs boto3, the command `goldsmith`,
and whatever credentials boto3 finds; AWS_ENDPOINT_URL leads it to the embedded AWS.

It ends with 0 when all is done, with 1 when something failed or the answer was no, and with 3 when reconcile says that
something needs a person.
"""

import argparse
import hashlib
import pathlib
import re
import subprocess
import sys
import time

from botocore.exceptions import ClientError

from package import built_for
from stack import INFRA, SECONDS, Refused, arguments, confirmed, followed, goldsmith, main

ZIP = INFRA.parent / "target" / "lambda" / "bootstrap" / "bootstrap.zip"
CODE_URI = re.compile(r"^(\s*CodeUri:\s*).*$", re.MULTILINE)
# Statuses of a stack that a change set can be made for; a failed first deployment leaves none of them.
STANDS = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}
UNCHANGED = ("didn't contain changes", "No updates are to be performed")


def deploy(stack, given):
    """Carries out a change set that people have seen, and runs reconcile."""
    goldsmith()
    before = standing(stack)
    if before is None:
        refuse_over_leftovers(stack, stack.parameters | dict(given.parameter))
    print(f"{stack.name} in account {stack.account}, {stack.region}")
    change_set = made(stack, before, packaged(stack, given.zip), given)
    if change_set is None:
        print("nothing changes: the stack is as the template says")
        return reconcile(stack)
    show(stack, change_set)
    if not confirmed(f"Carry this out on {stack.name}?", given.yes):
        drop(stack, change_set, before)
        raise Refused("nothing was changed")
    last = stack.last_event(change_set["StackId"])
    stack.client.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
    status = followed(stack, change_set["StackId"], last)
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise Refused(after_failure(stack, status))
    for each in stack.described()["Outputs"]:
        print(f"  {each['OutputKey']}: {each['OutputValue']}")
    return reconcile(stack)


def standing(stack):
    """The stack as it is, if a change set can be made for it; None if there is none yet."""
    before = stack.described()
    if before is None:
        return None
    status = before["StackStatus"]
    if status == "REVIEW_IN_PROGRESS":
        # What is left of a first deployment that nobody confirmed.
        return None
    if status.endswith("_IN_PROGRESS"):
        raise Refused(f"{stack.name} is {status}: another deployment is at work. Try again when it is over")
    if status not in STANDS:
        remedy = f"aws cloudformation delete-stack --stack-name {stack.name}"
        raise Refused(f"{stack.name} is {status}. Nothing runs from it: remove it with `{remedy}`, and deploy again"
                      if status in ("ROLLBACK_COMPLETE", "CREATE_FAILED")
                      else f"{stack.name} is {status}, which CloudFormation does not update: its console says more")
    return before


def refuse_over_leftovers(stack, values):
    """Buckets of an earlier stack would block a new one halfway, which then leaves keys behind that it retains."""
    s3 = stack.session.client("s3")
    for kind, parameter in ("documents", "ExistingDocumentBucket"), ("output", "ExistingOutputBucket"):
        name = f"goldsmith-{stack.environment}-{kind}-{stack.account}-{stack.region}"
        if parameter not in values and is_there(s3, name):
            raise Refused(f"the bucket {name} of an earlier stack is still there. Give the new one what that left, as "
                          f"`make undeploy` printed it: PARAMETERS='{parameter}={name} ...' "
                          f"(docs/operations.md, \"After the stack is lost\")")


def is_there(s3, bucket):
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        return error.response["Error"]["Code"] not in ("404", "NoSuchBucket", "NotFound")
    return True


def packaged(stack, zip_file):
    """The URL of the template with the functions uploaded, each under the digest of its content."""
    if not zip_file.exists():
        raise Refused(f"{zip_file} is not there: `make zips` makes it, or take functions.zip of a release")
    bucket = artifacts(stack)
    code = uploaded(stack, bucket, "functions", ".zip", zip_file.read_bytes())
    template = CODE_URI.sub(rf"\1s3://{bucket}/{code}", (INFRA / "template.yaml").read_text())
    key = uploaded(stack, bucket, "templates", ".yaml", template.encode())
    return f"{stack.session.client('s3').meta.endpoint_url}/{bucket}/{key}"


def artifacts(stack):
    """The bucket that takes what is deployed. It is made if it is not there; its name alone does not make it ours."""
    s3, name = stack.session.client("s3"), f"goldsmith-artifacts-{stack.account}-{stack.region}"
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=stack.account)
        return name
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket", "NotFound"):
            raise Refused(f"the bucket {name} cannot be used ({error}). Is it another account's?") from error
    place = {"CreateBucketConfiguration": {"LocationConstraint": stack.region}}
    s3.create_bucket(Bucket=name, **(place if stack.region != "us-east-1" else {}))
    blocks = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(blocks, True))
    return name


def uploaded(stack, bucket, folder, suffix, content):
    key = f"{folder}/{hashlib.sha256(content).hexdigest()}{suffix}"
    stack.session.client("s3").put_object(Bucket=bucket, Key=key, Body=content, ExpectedBucketOwner=stack.account)
    return key


def made(stack, before, url, given):
    """A change set that is ready; None if it would change nothing."""
    name = f"deploy-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
    created = stack.client.create_change_set(
        StackName=stack.name, ChangeSetName=name, ChangeSetType="UPDATE" if before else "CREATE", TemplateURL=url,
        Capabilities=stack.capabilities, Parameters=parameters(stack, before, url, given.parameter, given.zip),
    )
    while True:
        change_set = stack.client.describe_change_set(ChangeSetName=created["Id"])
        if change_set["Status"] == "CREATE_COMPLETE":
            return change_set | {"ChangeSetId": created["Id"]}
        if change_set["Status"] == "FAILED":
            stack.client.delete_change_set(ChangeSetName=created["Id"])
            reason = change_set.get("StatusReason", "CloudFormation gave no reason")
            if any(each in reason for each in UNCHANGED):
                return None
            raise Refused(f"CloudFormation refused the change set: {reason}")
        time.sleep(SECONDS / 4)


def parameters(stack, before, url, given, zip_file):
    """Every parameter of the template: what is given, then what samconfig.toml says, then what the stack has."""
    known = {each["ParameterKey"] for each in stack.client.get_template_summary(TemplateURL=url)["Parameters"]}
    values = stack.parameters | dict(given)
    unknown = values.keys() - known
    if unknown:
        raise Refused(f"the template has no parameter {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    had = {each["ParameterKey"]: each["ParameterValue"] for each in (before or {}).get("Parameters", [])}
    architecture = (had | values).get("Architecture", "x86_64")
    if built_for(zip_file) not in (architecture, None):
        raise Refused(f"{zip_file} was built for {built_for(zip_file)}, and Architecture is {architecture}: Lambda "
                      f"would take it, and start none of it")
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in sorted(values.items())] + [
        {"ParameterKey": name, "UsePreviousValue": True} for name in sorted((known & had.keys()) - values.keys())]


def show(stack, change_set):
    """Prints what would change, with what is replaced or removed first: that is what may lose something."""
    changes = [each["ResourceChange"] for each in all_changes(stack, change_set)]
    own = [each for each in changes if not follows(each)]
    grave = [each for each in own if each["Action"] == "Remove" or fate(each)]
    print(f"{len(own)} {'change' if len(own) == 1 else 'changes'}:")
    for each in grave + [each for each in own if each not in grave]:
        targets = {detail["Target"].get("Name") or detail["Target"]["Attribute"] for detail in each.get("Details", [])}
        what = f" ({', '.join(sorted(targets))})" if targets else ""
        print(f"  {each['Action'].lower():8} {each['LogicalResourceId']}, {each['ResourceType']}{fate(each)}{what}")
    others = sorted(each["LogicalResourceId"] for each in changes if follows(each))
    if others:
        print(f"  what refers to these, and may change with them: {', '.join(others)}")
    print("  Reconcile puts back what a changed policy or schedule takes from consumers, when this is done.")


def follows(change):
    """Whether only another resource's change may change this one."""
    sources = {detail.get("ChangeSource") for detail in change.get("Details", [])}
    return bool(sources) and sources <= {"ResourceReference", "ResourceAttribute"}


def fate(change):
    """What happens to a resource beside its change, as text."""
    if change.get("Replacement") == "True":
        return ", is replaced"
    recreations = {detail["Target"].get("RequiresRecreation", "Never") for detail in change.get("Details", [])}
    return ", may be replaced" if recreations - {"Never"} else ""


def all_changes(stack, change_set):
    pages = stack.client.get_paginator("describe_change_set").paginate(ChangeSetName=change_set["ChangeSetId"])
    return [each for page in pages for each in page["Changes"]]


def drop(stack, change_set, before):
    """Takes back what was only proposed. A first change set makes an empty stack, which goes too."""
    stack.client.delete_change_set(ChangeSetName=change_set["ChangeSetId"])
    if before is None:
        stack.client.delete_stack(StackName=stack.name)


def after_failure(stack, status):
    if status == "UPDATE_ROLLBACK_COMPLETE":
        return f"the deployment failed, and {stack.name} is again as it was before. Its functions run on"
    if status == "ROLLBACK_COMPLETE":
        return (f"the first deployment failed, and what it made is gone but for what is retained. Remove what is left: "
                f"`aws cloudformation delete-stack --stack-name {stack.name}`")
    return f"{stack.name} is {status}. CloudFormation's console says what helps"


def reconcile(stack):
    """Puts back what the deployment took from policies and schedule, and says how that went: 0, 1 or 3."""
    print("goldsmith reconcile", flush=True)
    done = subprocess.run([goldsmith(), "reconcile", "--against", stack.name])
    return done.returncode if done.returncode in (0, 3) else 1


def pair(text):
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is not Name=Value")
    return name, value


if __name__ == "__main__":
    parser = arguments(deploy)
    parser.add_argument("--zip", type=pathlib.Path, default=ZIP, help="the functions' zip")
    parser.add_argument("--parameter", type=pair, action="append", default=[], metavar="Name=Value")
    sys.exit(main(deploy, parser))
