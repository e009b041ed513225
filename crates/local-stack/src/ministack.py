"""Runs ministack for as long as whoever started it holds the other end of standard input."""

import os
import signal
import sys
import threading


def follow_the_parent():
    """A closed pipe outlives no parent, not even one that was killed; the workers are in our group."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=follow_the_parent, daemon=True).start()

from ministack.app import main  # noqa: E402

main()
