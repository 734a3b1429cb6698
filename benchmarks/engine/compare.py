#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times programs that speak the protocol of README.md against each other, in turns, and prints a Markdown table.

    compare.py [options] NAME=COMMAND NAME=COMMAND ...      ratios are to the first

Every program lives through all rounds of a workload; in each round each of them trains for about --slice seconds, on the same
core, one after the other, in an order that rotates. A ratio is paired: of two times of the same round.
"""

import argparse
import math
import os
import pathlib
import random
import shlex
import statistics
import subprocess
import sys
import tempfile

WORKLOADS = ["tab_sgd", "tab", "wide", "mid", "mid_searched", "fashion"]
TOLERANCE = 1e-4  # relative, of the losses of the first steps


class Contestant:
    """One running program."""

    def __init__(self, name: str, command: list[str], clock: str):
        self.name, self.clock, self.compile_ms = name, clock, None
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def measure(self, steps: int) -> float:
        """Microseconds per step."""
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        while words := self.process.stdout.readline().split():
            if words[0] == "compile_ms":
                self.compile_ms = float(words[1])
                continue
            if self.clock == "cpu" and len(words) < 2:
                sys.exit(f"{self.name} tells no processor time; use --clock wall")
            return float(words[1 if self.clock == "cpu" else 0])
        sys.exit(f"{self.name} ended with status {self.process.wait()}")

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def bootstrap(ratios: list[float]) -> tuple[float, float]:
    """A 95 % interval of the median."""
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(2000))
    return medians[50], medians[1949]


def losses_of(command: list[str], state: str) -> list[float] | None:
    """What `--check` prints; None where the program does not offer it."""
    done = subprocess.run(
        [*command, "--check"], stdout=subprocess.PIPE, text=True, env={**os.environ, "BENCH_STATE": state}
    )
    values = [float(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("loss ")]
    return values if done.returncode == 0 and values else None


def check(workload: str, commands: dict[str, list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        state = f"{folder}/state"
        writer = pathlib.Path(__file__).with_name("workloads.py")
        subprocess.run(["/usr/bin/python3", str(writer), workload, state], check=True)
        found = {name: losses_of([*command, workload], state) for name, command in commands.items()}
    silent = [name for name, losses in found.items() if losses is None]
    losses = {name: values for name, values in found.items() if values is not None}
    names = list(losses)
    for name in names[1:]:
        pairs = list(zip(losses[names[0]], losses[name], strict=True))
        if not all(math.isclose(a, b, rel_tol=TOLERANCE) for a, b in pairs):
            sys.exit(f"{workload}: {names[0]} and {name} disagree: {pairs}")
    text = f"{workload}: equal losses from equal weights: {', '.join(names)}" + "".join(f"; {s}: no check" for s in silent)
    print(text, file=sys.stderr, flush=True)


def time_workload(workload: str, commands: dict[str, list[str]], options: argparse.Namespace) -> list[list[str]]:
    pin = ["taskset", "-c", str(options.core)]
    running = [Contestant(name, [*pin, *command, workload], options.clock) for name, command in commands.items()]
    steps = {}
    for contestant in running:
        contestant.measure(20)
        steps[contestant.name] = max(1, round(1e6 * options.slice / contestant.measure(20)))
    times = {contestant.name: [] for contestant in running}
    for turn in range(options.rounds):
        first = turn % len(running)
        for contestant in running[first:] + running[:first]:
            times[contestant.name].append(contestant.measure(steps[contestant.name]))
    rows = []
    base = running[0].name
    for contestant in running:
        name = contestant.name
        ratios = [theirs / ours for theirs, ours in zip(times[name], times[base])]
        low, high = bootstrap(ratios)
        ratio = "1" if name == base else f"{statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})"
        compiled = f"{contestant.compile_ms:.0f}" if contestant.compile_ms else ""
        median, fastest = statistics.median(times[name]), min(times[name])
        rows.append([workload, name, f"{median:.1f}", f"{fastest:.1f}", ratio, compiled])
        contestant.close()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--slice", type=float, default=0.05, help="seconds of training per contestant and round")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall", help="cpu: where other work disturbs")
    parser.add_argument("--workloads", default=",".join(WORKLOADS))
    parser.add_argument("--check", action="store_true", help="compare losses instead of times")
    parser.add_argument("contestants", nargs="+", metavar="NAME=COMMAND")
    options = parser.parse_args()
    commands = {}
    for contestant in options.contestants:
        name, equals, command = contestant.partition("=")
        if not equals:
            parser.error(f"expected NAME=COMMAND, found {contestant}")
        commands[name] = shlex.split(command)
    names = options.workloads.split(",")
    if options.check:
        for workload in names:
            check(workload, commands)
        return
    first = next(iter(commands))
    print(f"| workload | contestant | us a step, median | fastest | times the time of {first}, 95 % | compile, ms |")
    print("|---|---|---|---|---|---|")
    for workload in names:
        for row in time_workload(workload, commands, options):
            print(f"| {' | '.join(row)} |", flush=True)
    load = os.getloadavg()
    print(f"\n{options.rounds} rounds on core {options.core}, {options.clock} time, load {load[0]:.1f} to {load[1]:.1f}")


if __name__ == "__main__":
    main()
