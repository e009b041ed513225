"""Runs ministack for as long as whoever started it holds the other end of standard input.

While a function runs, a file lies in the directory that RUNNING names: ministack itself does not tell.
Nor does its STS tell whose session a key is: each session is a file in the directory that SESSIONS names.
Its S3 takes any principal: accounts that do not exist are files in the directory that UNKNOWN_ACCOUNTS names.
"""

import json
import os
import signal
import sys
import tempfile
import threading


def follow_the_parent():
    """A closed pipe outlives no parent, not even one that was killed; the workers are in our group."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=follow_the_parent, daemon=True).start()

from ministack.app import main  # noqa: E402
from ministack.services import lambda_svc, s3, sts  # noqa: E402

execute = lambda_svc._execute_function


def execute_seen(function, event):
    with tempfile.NamedTemporaryFile(dir=os.environ["RUNNING"]):
        return execute(function, event)


lambda_svc._execute_function = execute_seen

register = sts.register_session
TOLD = ("Arn", "UserId", "Expiration", "SessionPolicies")


def register_told(key, session):
    """Written beside it and renamed, so that nobody reads half a file."""
    with tempfile.NamedTemporaryFile("w", dir=os.environ["TMPDIR"], delete=False) as file:
        json.dump({name: session.get(name) for name in TOLD}, file)
    os.replace(file.name, os.path.join(os.environ["SESSIONS"], key))
    return register(key, session)


sts.register_session = register_told

put_bucket_policy = s3._put_bucket_policy


def put_bucket_policy_judged(bucket, body):
    """S3 names no principal either when it refuses one."""
    policy = body.decode("utf-8", errors="replace")
    if any(f"arn:aws:iam::{account}:" in policy for account in os.listdir(os.environ["UNKNOWN_ACCOUNTS"])):
        return s3._error("MalformedPolicy", "Invalid principal in policy", 400, f"/{bucket}")
    return put_bucket_policy(bucket, body)


s3._put_bucket_policy = put_bucket_policy_judged

main()
