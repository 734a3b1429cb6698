#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py [--rounds N] NAME=COMMAND NAME=COMMAND: whole training steps of a convolutional net: equal losses, then times in turns.

Both programs live through all rounds on one core and take turns of about --slice seconds of their processor time; a ratio is of two
times of one round. Processor time, since other work may share the core.
"""

import argparse
import math
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "engine"))

from compare import Contestant, bootstrap  # noqa: E402

TOLERANCE = 1e-4  # relative, of the losses of the first five steps


def check(commands: dict[str, list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/state"
        subprocess.run(["/usr/bin/python3", str(HERE / "state.py"), path], check=True)
        losses = {}
        for name, command in commands.items():
            done = subprocess.run(
                [*command, "--check"], stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "CNN_STEP_STATE": path}
            )
            losses[name] = [float(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("loss ")]
    first = next(iter(losses))
    for name, values in losses.items():
        if not values or not all(math.isclose(a, b, rel_tol=TOLERANCE) for a, b in zip(losses[first], values, strict=True)):
            sys.exit(f"{first} and {name} disagree: {losses[first]}, {values}")
    print(f"equal losses from equal weights: {losses[first]}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--slice", type=float, default=0.2)
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("contestants", nargs="+", metavar="NAME=COMMAND")
    options = parser.parse_args()
    commands = {one.partition("=")[0]: shlex.split(one.partition("=")[2]) for one in options.contestants}
    check(commands)
    pin = ["taskset", "-c", str(options.core)]
    running = [Contestant(name, [*pin, *command], "cpu") for name, command in commands.items()]
    steps = {one.name: max(1, round(1e6 * options.slice / one.measure(5))) for one in running}
    times = {one.name: [] for one in running}
    for turn in range(options.rounds):
        first = turn % len(running)
        for one in running[first:] + running[:first]:
            times[one.name].append(one.measure(steps[one.name]))
    base = running[0].name
    print(f"| contestant | us a step, median | fastest | times the time of {base}, 95 % |\n|---|---|---|---|")
    for one in running:
        ratios = [theirs / ours for theirs, ours in zip(times[one.name], times[base])]
        low, high = bootstrap(ratios)
        ratio = "1" if one.name == base else f"{statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})"
        print(f"| {one.name} | {statistics.median(times[one.name]):.0f} | {min(times[one.name]):.0f} | {ratio} |")
        one.close()
    load = os.getloadavg()
    print(f"\n{options.rounds} rounds on core {options.core}, processor time, load {load[0]:.1f} to {load[1]:.1f}")


if __name__ == "__main__":
    main()
