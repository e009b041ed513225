"""Runs ministack for as long as whoever started it holds the other end of standard input.

While a function runs, a file lies in the directory that RUNNING names: ministack itself does not tell.
"""

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
from ministack.services import lambda_svc  # noqa: E402

execute = lambda_svc._execute_function


def execute_seen(function, event):
    with tempfile.NamedTemporaryFile(dir=os.environ["RUNNING"]):
        return execute(function, event)


lambda_svc._execute_function = execute_seen

main()
