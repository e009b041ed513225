"""What a run of reconcile costs in which nothing is to be done: calls by operation, instructions, and memory.

    measure.py [RECIPES ...] [--builds N]

The shipped zip runs on a stack of the embedded AWS, in a runtime interface of this script's own. callgrind counts
instructions, which are the same on every machine and under every load; seconds are not measured.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile

from stack import HOUR, UPLOAD, ZIP, Process, bootstrap, must_be_idle, settled

HEAD = ["recipes", "first run, calls", "warm, calls", "hour, calls", "first run, M", "warm, M", "hour, M",
        "peak, warm, MB", "peak, hour, MB"]


def instructions(command, environment, events):
    """What a command executes until it has answered these events, and its answers."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "callgrind.out"
        callgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
        with Process([*callgrind, *command], environment) as process:
            answers = answered(process, events)
        return counted(out), answers


def start(binary, environment):
    """What the function executes before it asks for its first event, as on AWS: only Amazon's roots are trusted."""
    elsewhere = ("AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "SSL_CERT_FILE")
    for name in [name for name in os.environ if name.startswith(elsewhere)]:
        del os.environ[name]
    environment = {name: value for name, value in environment.items() if not name.startswith(elsewhere)}
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "callgrind.out"
        with Process(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", binary], environment) as process:
            if not process.runtime.asked.wait(120):
                raise SystemExit("the function asked for no event")
        return counted(out)


def counted(out):
    (total,) = [line for line in out.read_text().splitlines() if line.startswith("totals: ")]
    return int(total.split()[1])


def answered(process, events):
    """The answers to events, one after the other."""
    return [answer(process, event) for event in events]


def answer(process, event):
    invocation = process.ask(event)
    must_be_idle(invocation)
    return invocation.answer


def peaks(binary, environment):
    """The most memory of a process after runs that change nothing, and after an hourly one beside them."""
    with Process([binary], environment) as process:
        answered(process, [UPLOAD] * 3)
        warm = process.peak()
        answer(process, HOUR)
        return warm, process.peak()


def measure(binary, recipes, builds):
    with settled(recipes, builds) as stack:
        return measured(binary, stack.environment())


def measured(binary, environment):
    first, _ = instructions([binary], environment, [UPLOAD])
    third, answers = instructions([binary], environment, [UPLOAD] * 3)
    hourly, hours = instructions([binary], environment, [UPLOAD, HOUR])
    warm, hour = answers[-1]["calls"], hours[-1]["calls"]
    counts = [sum(calls.values()) for calls in (answers[0]["calls"], warm, hour)]
    million = [f"{count / 1e6:.0f}" for count in (first, (third - first) / 2, hourly - first)]
    megabytes = [f"{peak / 1e6:.1f}" for peak in peaks(binary, environment)]
    return [*counts, *million, *megabytes], warm, hour


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", type=int, default=[1, 10, 50], help="how many; up to 1000")
    parser.add_argument("--builds", type=int, default=1, help="of each recipe; a year of weekly ones is 52")
    arguments = parser.parse_args()
    print(f"zip: {ZIP.stat().st_size} bytes; builds of each recipe: {arguments.builds}")
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD), flush=True)
    with bootstrap() as binary:
        for recipes in arguments.recipes:
            row, warm, hour = measure(binary, recipes, arguments.builds)
            print("| " + " | ".join(map(str, [recipes, *row])) + " |", flush=True)
    with bootstrap() as binary, settled(1) as stack:
        print(f"its start, as on AWS: {start(binary, stack.environment()) / 1e6:.1f} M")
    print("a warm run without changes calls:", json.dumps(warm))
    print("an hourly run without changes calls:", json.dumps(hour))


if __name__ == "__main__":
    sys.exit(main())
