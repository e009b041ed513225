"""How many runs it takes to start all builds of many new recipes, where Image Builder takes few writes a second.

    throttled.py [--versions 200] [--latency 50] [--writes 5] [--timeout-scale 1] [--wait-scale 0]

Runs are ended as Lambda ends them, at the function's timeout. What starts the next run is what would on AWS: a run
that goes on at once, Lambda's two further attempts of an event that failed, and then the hour.
"""

import argparse
import dataclasses
import re
import sys
import time

import chains
from front import THROTTLED, Front, Settings
from stack import HOUR, ROOT, UPLOAD, Process, bootstrap, uploaded

# Minutes after which Lambda tries an event again that failed ("Asynchronous invocation error behavior").
AGAIN = [1, 2]
MOST_RUNS = 100
START = "imagebuilder:StartImagePipelineExecution"


@dataclasses.dataclass
class Given:
    """An event, and which attempt at it this is."""

    event: dict
    name: str
    id: str
    attempt: int = 0

    def again(self):
        return dataclasses.replace(self, attempt=self.attempt + 1)


def timeout():
    """The seconds that infra/template.yaml gives to a function."""
    (found,) = re.findall(r"^    Timeout: (\d+)$", (ROOT / "infra/template.yaml").read_text(), re.MULTILINE)
    return int(found)


class Lambda:
    """What AWS does around the process: it ends runs, tries again, and has the next event."""

    def __init__(self, binary, stack, front, arguments):
        self.binary, self.front, self.arguments = binary, front, arguments
        self.environment = {**stack.environment(), **front.variables()}
        self.process, self.waiting = None, []
        self.runs = self.waited = self.hours = 0

    def run(self, given):
        """One attempt; a process that was ended is not used again."""
        if self.process is None or not self.process.is_alive():
            self.process = Process([self.binary], self.environment)
        self.runs += 1
        seconds = timeout() * self.arguments.timeout_scale
        return self.process.ask(given.event, id=given.id, seconds=seconds)

    def next(self, given, invocation):
        """What starts the next run: an event that goes on, another attempt, or the hour if nothing is left."""
        for event in self.front.invocations:
            self.waiting.insert(0, Given(event, "goes on", f"goes-on-{self.runs}"))
        self.front.invocations.clear()
        failed = invocation.answer is None or invocation.is_error
        if failed and given.attempt < len(AGAIN):
            self.waiting.append(given.again())
        if not self.waiting:
            self.hours += 1
            return Given(HOUR, "hour", f"hour-{self.runs}")
        if self.waiting[0].attempt:
            self.wait(AGAIN[self.waiting[0].attempt - 1])
        return self.waiting.pop(0)

    def wait(self, minutes):
        self.waited += minutes
        time.sleep(minutes * 60 * self.arguments.wait_scale)

    def stop(self):
        if self.process:
            self.process.stop()


def ended(invocation):
    if failure := invocation.failure("ended by Lambda"):
        return failure
    report = invocation.answer
    parts = [f"{len(report.get(kind, []))} {kind}" for kind in ("changes", "failed", "not-attempted", "waiting")]
    return ", ".join(parts)


def describe(number, given, invocation, calls, built):
    writes = [call for call in calls if call.is_write and call.service == "imagebuilder"]
    refused = sum(call.status == 429 for call in writes)
    seconds = (invocation.answered or time.monotonic()) - invocation.given
    name = given.name + (f", attempt {given.attempt + 1}" if given.attempt else "")
    return (f"| {number} | {name} | {seconds:.0f} | {len(calls)} | {len(writes) - refused} | {refused} "
            f"| {built} | {ended(invocation)} |")


def until_all_are_built(around, stack, versions):
    """Runs until each version has a build; the calls of all runs."""
    given, calls = Given(UPLOAD, "upload", "upload"), []
    while around.runs < MOST_RUNS:
        invocation = around.run(given)
        own, _ = around.front.take()
        calls += own
        builds = stack.builds()
        print(describe(around.runs, given, invocation, own, len(builds)), flush=True)
        if len(builds) == versions:
            break
        given = around.next(given, invocation)
    return calls


def measure(arguments):
    settings = Settings(arguments.latency / 1000, arguments.writes, arguments.error, keeps_invocations=True)
    print("| run | event | seconds | calls | writes made | writes throttled | built so far | how it ended |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    with bootstrap() as binary, uploaded(arguments.versions) as stack, Front(stack.variables, settings) as front:
        around = Lambda(binary, stack, front, arguments)
        try:
            calls = until_all_are_built(around, stack, arguments.versions)
        finally:
            around.stop()
        summary(around, stack.builds(), calls, arguments.versions)


def summary(around, builds, calls, versions):
    twice = sum(count > 1 for count in builds.values())
    starts = sum(call.name == START and call.is_made for call in calls)
    print(f"{len(builds)} of {versions} versions built, {twice} of them more than once, by {starts} starts")
    print(f"{around.runs} runs; before them Lambda waited {around.waited} minutes to try again, and "
          f"{around.hours} times nothing ran until the next hour")
    throttled = [call for call in calls if call.status == 429]
    print(f"throttled: {chains.counted(throttled)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--versions", type=int, default=200)
    parser.add_argument("--latency", type=float, default=50, metavar="MS")
    parser.add_argument("--writes", type=float, default=5, metavar="N", help="writes of Image Builder a second")
    parser.add_argument("--error", default=THROTTLED, help=f"what says so: {THROTTLED}, CallRateLimitExceededException")
    parser.add_argument("--timeout-scale", type=float, default=1, help="part of the function's timeout that a run has")
    parser.add_argument("--wait-scale", type=float, default=0, help="part of Lambda's waits before it tries again")
    measure(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
