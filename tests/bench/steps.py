"""How many calls of a run wait for each other, and how many connections it opens.

    steps.py [--recipes 50] [--builds 1] [--latency 100]

The shipped zip runs with every call taking the same time. Its steps are the time of the run in such calls. The chain
beside it is exact: the most calls of which each started after the one before had ended.
"""

import argparse
import dataclasses
import json
import sys

import chains
from front import Front, Settings
from stack import HOUR, UPLOAD, Process, bootstrap, must_be_idle, settled, uploaded

START = "imagebuilder:StartImagePipelineExecution"
GOALS = {"upload": 45, "no change": 3, "hour": 20}


@dataclasses.dataclass
class Measured:
    """The calls of one invocation."""

    calls: list
    connections: dict
    start: float
    end: float

    def until_last_build_start(self):
        end = max(call.end for call in self.calls if call.name == START)
        return dataclasses.replace(self, calls=[call for call in self.calls if call.end <= end], end=end)

    def row(self, name, latency):
        steps = round((self.end - self.start) / latency)
        cells = [name, GOALS.get(name, ""), steps, len(chains.longest_chain(self.calls)), len(self.calls)]
        return "| " + " | ".join(map(str, cells)) + " |"

    def detail(self, name):
        calls, chain = chains.counted(self.calls), chains.longest_chain(self.calls)
        return (f"\n{name}: connections {json.dumps(self.connections)}\n  calls {json.dumps(calls)}"
                f"\n  chain {chains.written(chain)}")


def run(front, process, event):
    invocation = process.ask(event)
    if invocation.is_error or invocation.answer is None:
        raise SystemExit(f"the run failed: {invocation.answer}")
    return measured(front, invocation)


def idle(front, process, event):
    invocation = process.ask(event)
    must_be_idle(invocation)
    return measured(front, invocation)


def measured(front, invocation):
    calls, connections = front.take()
    return Measured(calls, connections, invocation.given, invocation.answered)


def upload(binary, recipes, latency):
    """The run that an upload of everything starts, on a stack that has built nothing."""
    with uploaded(recipes) as stack, Front(stack.variables, Settings(latency)) as front:
        with Process([binary], {**stack.environment(), **front.variables()}) as process:
            return run(front, process, UPLOAD)


def unchanged(binary, recipes, builds, latency):
    """Runs of one process with nothing to do: of an upload the first and a warm one, and an hourly one."""
    with settled(recipes, builds) as stack, Front(stack.variables, Settings(latency)) as front:
        with Process([binary], {**stack.environment(), **front.variables()}) as process:
            first, _, warm, hour = [idle(front, process, event) for event in [UPLOAD, UPLOAD, UPLOAD, HOUR]]
            return first, warm, hour


def measure(recipes, builds, latency):
    with bootstrap() as binary:
        whole = upload(binary, recipes, latency)
        first, warm, hour = unchanged(binary, recipes, builds, latency)
    return {"upload": whole.until_last_build_start(), "upload, to its end": whole, "no change, new process": first,
            "no change": warm, "hour": hour}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipes", type=int, default=50)
    parser.add_argument("--builds", type=int, default=1, help="of each recipe, where nothing changes")
    parser.add_argument("--latency", type=float, default=100, metavar="MS")
    arguments = parser.parse_args()
    rows = measure(arguments.recipes, arguments.builds, arguments.latency / 1000)
    print(f"{arguments.recipes} recipes, {arguments.latency:g} ms a call; `upload` is up to the last build's start")
    print("| run | goal | steps | longest chain | calls |\n|---|---|---|---|---|")
    for name, row in rows.items():
        print(row.row(name, arguments.latency / 1000))
    for name, row in rows.items():
        print(row.detail(name))


if __name__ == "__main__":
    sys.exit(main())
