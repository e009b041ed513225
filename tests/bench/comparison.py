"""What a run without changes costs, beside what asks the same in other ways.

    comparison.py [--recipes 10] [--hello PATH]

A plain boto3 handler reads the same and plans nothing. `hello` is a binary that only answers, as Lambda's runtime for
Rust does, to see what nobody can save. `terraform plan` runs where terraform is, with its provider in TF_PLUGIN_DIR.
"""

import argparse
import json
import pathlib
import sys

import terraform_plan
from front import Front, Settings
from measure import answered, instructions
from stack import HOUR, UPLOAD, Process, bootstrap, settled

HANDLER = pathlib.Path(__file__).with_name("plain_handler.py")


def plain(command, environment, front, events):
    """The seconds of a processor, the peak of memory, and the calls of a process that answers events."""
    front.take()
    with Process(command, environment) as process:
        answered(process, events)
        peak = process.peak()
    calls, _ = front.take()
    return process.processor, peak, calls


def row(name, command, environment, front):
    # What Python compiles at its first start is there afterwards, as it is in a deployed package.
    plain(command, environment, front, [UPLOAD])
    seconds, _, calls = plain(command, environment, front, [UPLOAD])
    _, peak, all_calls = plain(command, environment, front, [UPLOAD] * 3)
    first, _ = instructions(command, environment, [UPLOAD])
    third, _ = instructions(command, environment, [UPLOAD] * 3)
    warm_calls = (len(all_calls) - len(calls)) // 2
    cells = [name, f"{first / 1e6:.0f}", f"{(third - first) / 2e6:.1f}", f"{peak / 1e6:.1f}", f"{seconds * 1000:.0f}",
             len(calls), warm_calls]
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def handlers(binary, stack, hello):
    print("| handler | first answer, M | warm, M | peak, MB | first, processor ms | first, calls | warm, calls |")
    print("|---|---|---|---|---|---|---|", flush=True)
    with Front(stack.variables) as front:
        environment = {**stack.environment(), **front.variables()}
        row("goldsmith", [binary], environment, front)
        with Front(stack.variables, Settings(tls=True)) as secure:
            row("goldsmith, over TLS", [binary], {**environment, **secure.variables()}, secure)
        row("boto3", [sys.executable, HANDLER], environment, front)
        if hello:
            row("hello", [hello], environment, front)
        else:
            print("SKIPPED: hello, no binary was given with --hello")


def plans(binary, stack, recipes):
    print(f"\n| of {recipes} recipes | processor ms | calls |\n|---|---|---|", flush=True)
    with Front(stack.variables) as front:
        environment = {**stack.environment(), **front.variables()}
        for name, event in {"an upload": UPLOAD, "the hour": HOUR}.items():
            seconds, _, calls = plain([binary], environment, front, [event])
            print(f"| goldsmith, a new process, {name} | {seconds * 1000:.0f} | {len(calls)} |", flush=True)
    why = terraform_plan.why_not()
    if why:
        print(f"SKIPPED: terraform plan, {why}")
        return
    # Without any recipe: what its start and its provider's take, which no number of recipes changes.
    for count in (0, recipes):
        seconds, calls, by_operation = terraform_plan.measure(count)
        print(f"| terraform plan, {count} recipes | {seconds * 1000:.0f} | {calls} |", flush=True)
    print(f"\nterraform plan calls {json.dumps(by_operation)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipes", type=int, default=10)
    parser.add_argument("--hello", type=pathlib.Path, help="a binary that answers every event at once")
    arguments = parser.parse_args()
    with bootstrap() as binary, settled(arguments.recipes) as stack:
        handlers(binary, stack, arguments.hello)
        plans(binary, stack, arguments.recipes)


if __name__ == "__main__":
    sys.exit(main())
