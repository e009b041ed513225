"""Deploys an environment's stack, or removes it: what `make deploy` and `make undeploy` run.

    deploy.py deploy nonprod [--yes] [--zip functions.zip] [--parameter LogRetentionDays=30]...
    deploy.py undeploy nonprod [--yes] [--keep-promoted]

The name of the stack and its parameters are those of infra/samconfig.toml, so that `sam deploy` makes the same stack.
A parameter that is neither there nor given keeps the value that the stack has. It needs boto3, the command `goldsmith`,
and whatever credentials boto3 finds; AWS_ENDPOINT_URL leads it to the embedded AWS.

It ends with 0 when all is done, with 1 when something failed or the answer was no, and with 3 when reconcile says that
something needs a person.
"""

import argparse
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from package import built_for

INFRA = pathlib.Path(__file__).parent
ZIP = INFRA.parent / "target" / "lambda" / "bootstrap" / "bootstrap.zip"
CODE_URI = re.compile(r"^(\s*CodeUri:\s*).*$", re.MULTILINE)
# How long between two looks at what CloudFormation does.
SECONDS = 2
# Statuses of a stack that a change set can be made for; a failed first deployment leaves none of them.
STANDS = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}
UNCHANGED = ("didn't contain changes", "No updates are to be performed")


class Refused(Exception):
    """What keeps this from going on, as a sentence for people, with what to do about it."""


class Stack:
    """An environment's stack in CloudFormation, and what infra/samconfig.toml says of it."""

    def __init__(self, environment):
        settings = tomllib.loads((INFRA / "samconfig.toml").read_text())
        if environment not in settings:
            known = ", ".join(sorted(settings.keys() - {"version"}))
            raise Refused(f"infra/samconfig.toml has no environment {environment}; it has {known}")
        given = settings[environment]["deploy"]["parameters"]
        self.environment, self.name = environment, given["stack_name"]
        self.capabilities = given["capabilities"].split()
        self.parameters = dict(each.split("=", 1) for each in given["parameter_overrides"].split())
        # boto3 alone reads AWS_DEFAULT_REGION and no other; the command line reads AWS_REGION.
        self.session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
        self.client = self.session.client("cloudformation")
        self.account = self.session.client("sts").get_caller_identity()["Account"]
        self.region = self.client.meta.region_name

    def described(self, name=None):
        """What CloudFormation says of the stack; None if there is none."""
        try:
            (stack,) = self.client.describe_stacks(StackName=name or self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return stack

    def events(self, stack_id, after):
        """The events since the one with the id `after`, oldest first."""
        found = []
        for page in self.client.get_paginator("describe_stack_events").paginate(StackName=stack_id):
            for event in page["StackEvents"]:
                if event["EventId"] == after:
                    return found[::-1]
                found.append(event)
        return found[::-1]

    def last_event(self, stack_id):
        newest = self.client.describe_stack_events(StackName=stack_id)["StackEvents"][:1]
        return newest[0]["EventId"] if newest else None


# ---------------------------------------------------------------------------- deploy


def deploy(stack, given):
    """Carries out a change set that people have seen, and runs reconcile."""
    goldsmith()
    before = standing(stack)
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


def goldsmith():
    command = shutil.which(os.environ.get("GOLDSMITH", "goldsmith"))
    if not command:
        raise Refused("there is no command `goldsmith`, which ends a deployment and looks before a removal. Install it "
                      "(docs/deploy.md), or say with GOLDSMITH where it is")
    return command


def reconcile(stack):
    """Puts back what the deployment took from policies and schedule, and says how that went: 0, 1 or 3."""
    print("goldsmith reconcile", flush=True)
    done = subprocess.run([goldsmith(), "reconcile", "--against", stack.name])
    return done.returncode if done.returncode in (0, 3) else 1


# ---------------------------------------------------------------------------- undeploy


def undeploy(stack, given):
    """Removes the stack if nobody relies on it, and says what is left."""
    before = stack.described()
    if before is None:
        raise Refused(f"there is no stack {stack.name} in account {stack.account}, {stack.region}")
    refuse_while_promoted(stack, given.keep_promoted)
    retained, goes = removal(stack)
    print(f"{stack.name} in account {stack.account}, {stack.region}: {len(goes)} resources go.")
    if not confirmed(f"Remove {stack.name}?", given.yes):
        raise Refused("nothing was changed")
    last = stack.last_event(before["StackId"])
    stack.client.delete_stack(StackName=stack.name)
    status = followed(stack, before["StackId"], last)
    if status != "DELETE_COMPLETE":
        raise Refused(f"{stack.name} is {status}: what could not be removed is named above. Remove its cause, and run "
                      f"this again")
    remains(stack, retained)
    return 0


def refuse_while_promoted(stack, is_kept):
    """Images that are promoted are what people launch."""
    command = [goldsmith(), "status", "--against", stack.name, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    # 3: something needs a person.
    if done.returncode not in (0, 3):
        raise Refused(f"whether images are promoted cannot be said, so nothing is removed:\n{done.stderr.strip()}")
    promoted = [f"{each['recipename']} {each['published']['version']}"
                for each in json.loads(done.stdout)["recipes"] if each["published"]]
    if promoted and not is_kept:
        raise Refused(
            f"images are promoted: {', '.join(promoted)}. Without the stack nobody patches them, shares them or takes "
            f"them back. Retire them first, or say that they stay as they are: make undeploy "
            f"ENV={stack.environment} PROMOTED=keep")


def removal(stack):
    """What the deployed template retains, and what goes: names of resources that are there."""
    body = stack.client.get_template(StackName=stack.name, TemplateStage="Processed")["TemplateBody"]
    resources = (json.loads(body) if isinstance(body, str) else body)["Resources"]
    there = {each["LogicalResourceId"]: each for page in stack.client.get_paginator("list_stack_resources").paginate(
        StackName=stack.name) for each in page["StackResourceSummaries"]}
    kept = {name for name, each in resources.items() if str(each.get("DeletionPolicy", "")).startswith("Retain")}
    return [there[name] for name in sorted(there.keys() & kept)], sorted(there.keys() - kept)


def remains(stack, retained):
    """Prints what outlives the stack: what CloudFormation retained, and what goldsmith made beside it."""
    print("what remains, and costs:")
    for each in retained:
        print(f"  {each['LogicalResourceId']}, {each['ResourceType']}: {each['PhysicalResourceId']}")
    tag = "goldsmith:environment"
    ours = {"Name": f"tag:{tag}", "Values": [stack.environment]}
    images = stack.session.client("ec2").describe_images(Owners=["self"], Filters=[ours])["Images"]
    pages = stack.session.client("imagebuilder").get_paginator("list_image_pipelines").paginate()
    pipelines = [each for page in pages for each in page["imagePipelineList"]
                 if each.get("tags", {}).get(tag) == stack.environment]
    print(f"  {len(images)} AMIs with their snapshots in {stack.region}, {len(pipelines)} pipelines of Image Builder")
    print(f"  the bucket goldsmith-artifacts-{stack.account}-{stack.region}, with what was deployed")
    print("docs/deploy.md says in which order to remove them, and docs/operations.md how to get the stack back.")


# ---------------------------------------------------------------------------- both


def confirmed(question, is_yes):
    """Whether a person says so. Without a terminal nobody is asked, and the answer is no."""
    if is_yes:
        return True
    if not sys.stdin.isatty():
        print(f"{question} Nobody is here to be asked: YES=1 answers it")
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def followed(stack, stack_id, last):
    """Prints each event after `last` as it comes; returns the status with which the stack comes to rest.

    The stack's own events count: for a moment after a request its status is still the one before.
    """
    while True:
        for event in stack.events(stack_id, last):
            last, status = event["EventId"], event["ResourceStatus"]
            reason = f": {event['ResourceStatusReason']}" if "FAILED" in status else ""
            print(f"  {event['Timestamp']:%H:%M:%S} {status} {event['LogicalResourceId']}{reason}", flush=True)
            if event["PhysicalResourceId"] == stack_id and not status.endswith("_IN_PROGRESS"):
                return status
        time.sleep(SECONDS)


def pair(text):
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is not Name=Value")
    return name, value


def arguments(given):
    parser = argparse.ArgumentParser(prog="deploy.py", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name, does in ("deploy", deploy), ("undeploy", undeploy):
        command = commands.add_parser(name, help=does.__doc__)
        command.add_argument("environment")
        command.add_argument("--yes", action="store_true", help="do not ask")
        command.set_defaults(does=does)
    commands.choices["deploy"].add_argument("--zip", type=pathlib.Path, default=ZIP)
    commands.choices["deploy"].add_argument("--parameter", type=pair, action="append", default=[], metavar="Name=Value")
    commands.choices["undeploy"].add_argument("--keep-promoted", action="store_true")
    return parser.parse_args(given)


def main(*given):
    asked = arguments(given)
    try:
        return asked.does(Stack(asked.environment), asked)
    except Refused as error:
        print(f"error: {error}", file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"error: AWS did not do it: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("error: interrupted. What CloudFormation has begun goes on: its events say how it ends", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
