"""What it costs that the documents of one merge start a run each, all at once.

    racing.py [--recipes 50] [--latency 50] [--runs 3] [--killed-after 20 ...]

Each run is a process of its own with a request of its own. Then again for each number of writes after which the run
that does the work is killed: its event comes again with the same request, as Lambda tries it again.
"""

import argparse
import contextlib
import sys
import threading

import chains
from front import Front, Settings
from stack import UPLOAD, Process, bootstrap, uploaded

class Runs:
    """So many processes before one stack, each with a front of its own, which knows whose calls it records."""

    def __init__(self, binary, stack, latency, count, observe=None):
        self.binary, self.stack, self.settings = binary, stack, Settings(latency)
        self.count, self.observe = count, observe

    def __enter__(self):
        self.exit = contextlib.ExitStack()
        self.fronts = [self.exit.enter_context(self.front(n)) for n in range(self.count)]
        self.processes = [self.start(front) for front in self.fronts]
        return self

    def __exit__(self, *_):
        self.exit.close()

    def front(self, number):
        observe = self.observe and (lambda call: self.observe(self, number, call))
        return Front(self.stack.variables, self.settings, observe)

    def start(self, front):
        return self.exit.enter_context(Process([self.binary], {**self.stack.environment(), **front.variables()}))

    def run(self):
        """Gives each process the event of one document at once."""
        given = [process.give(UPLOAD, id=f"document-{n}") for n, process in enumerate(self.processes)]
        return [process.wait(each) for process, each in zip(self.processes, given)]

    def calls(self):
        return [front.take()[0] for front in self.fronts]


class Killer:
    """Kills the first run that has made so many writes."""

    def __init__(self, after):
        self.after, self.writes, self.killed = after, {}, None
        self.lock = threading.Lock()

    def __call__(self, runs, number, call):
        with self.lock:
            self.writes[number] = self.writes.get(number, 0) + (call.is_write and call.is_made)
            if self.killed is None and self.writes[number] >= self.after:
                self.killed = number
                runs.processes[number].kill()


def ended(invocation):
    """How a run ended, in a few words."""
    if failure := invocation.failure("killed"):
        return failure
    report = invocation.answer
    waiting = [entry["reason"] for entry in report.get("waiting", []) if entry["kind"] == "upload"]
    return waiting[0] if waiting else f"{len(report.get('changes', []))} changes"


def verdict(stack, recipes):
    builds = stack.builds()
    once = sum(count == 1 for count in builds.values())
    again = {name: count for name, count in builds.items() if count > 1}
    missing = recipes - len(builds)
    return f"{once} of {recipes} recipes built exactly once, {missing} not built, several times: {again or 'none'}"


def shown(calls, invocations):
    for number, (each, invocation) in enumerate(zip(calls, invocations)):
        writes = sum(call.is_write for call in each)
        print(f"  run {number}: {len(each)} calls, {writes} of them writes: {ended(invocation)}")


def race(binary, recipes, latency, count):
    """The calls of so many runs at once."""
    with uploaded(recipes) as stack, Runs(binary, stack, latency, count) as runs:
        invocations = runs.run()
        calls = runs.calls()
        print(f"{count} at once, {recipes} recipes: {sum(map(len, calls))} calls; {verdict(stack, recipes)}")
        shown(calls, invocations)
        return calls


def race_and_kill(binary, recipes, latency, count, writes):
    killer = Killer(writes)
    with uploaded(recipes) as stack, Runs(binary, stack, latency, count, killer) as runs:
        invocations = runs.run()
        killed = f"run {killer.killed} killed after {writes} writes"
        print(f"{count} at once, {killed}: {verdict(stack, recipes)}")
        shown(runs.calls(), invocations)
        if killer.killed is None:
            return
        front = runs.fronts[killer.killed]
        again = runs.start(front).ask(UPLOAD, id=f"document-{killer.killed}")
        calls, _ = front.take()
        print(f"  the same event again: {verdict(stack, recipes)}")
        shown([calls], [again])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipes", type=int, default=50)
    parser.add_argument("--latency", type=float, default=50, metavar="MS")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--killed-after", type=int, nargs="*", default=[20], metavar="WRITES")
    arguments = parser.parse_args()
    given = arguments.recipes, arguments.latency / 1000
    with bootstrap() as binary:
        (alone,) = race(binary, *given, 1)
        calls = race(binary, *given, arguments.runs)
        for writes in arguments.killed_after:
            race_and_kill(binary, *given, arguments.runs, writes)
    more = sum(map(len, calls)) - len(alone)
    print(f"{arguments.runs} runs at once make {more} calls more than one alone")
    others = [each for each in calls if len(each) < max(map(len, calls))]
    for each in others:
        print(f"  a run that gave way: {chains.counted(each)}")


if __name__ == "__main__":
    sys.exit(main())
