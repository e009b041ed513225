"""What deploying and removing a stack share: the stack, the questions to people, and how to follow what happens."""

import argparse
import os
import pathlib
import shutil
import sys
import time
import tomllib

import boto3
from botocore.exceptions import BotoCoreError, ClientError

INFRA = pathlib.Path(__file__).parent
# How long between two looks at what CloudFormation does.
SECONDS = 2


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


def goldsmith():
    command = shutil.which(os.environ.get("GOLDSMITH", "goldsmith"))
    if not command:
        raise Refused("there is no command `goldsmith`, which ends a deployment and looks before a removal. Install it "
                      "(docs/deploy.md), or say with GOLDSMITH where it is")
    return command


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


def arguments(does):
    """The arguments that both commands have; `does` is documented for people."""
    parser = argparse.ArgumentParser(description=does.__doc__)
    parser.add_argument("environment")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def main(does, parser):
    """Does it with the arguments of the command line, and returns the code to end with."""
    given = parser.parse_args()
    try:
        return does(Stack(given.environment), given)
    except Refused as error:
        print(f"error: {error}", file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"error: AWS did not do it: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("error: interrupted. What CloudFormation has begun goes on: its events say how it ends", file=sys.stderr)
    return 1
