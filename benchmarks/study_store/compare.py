# SPDX-License-Identifier: Apache-2.0
"""compare.py FOLDER ROUNDS SECONDS NAME=COMMAND...: the contestants take turns, each round on a fresh file in FOLDER.

{file} in a command is that file, {seconds} the time. Prints trials a second (median, least and most) and the ratio to the last.
"""

import pathlib
import shlex
import statistics
import subprocess
import sys


def run(command: str, file: pathlib.Path, seconds: str) -> tuple[float, int]:
    for old in file.parent.glob(file.name + "*"):
        old.unlink()
    words = [word.replace("{file}", str(file)).replace("{seconds}", seconds) for word in shlex.split(command)]
    out = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
    facts = dict(line.split() for line in out.splitlines())
    return int(facts["trials"]) / float(facts["seconds"]), int(facts["errors"])


def main() -> None:
    folder, rounds, seconds = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    contestants = dict(argument.split("=", 1) for argument in sys.argv[4:])
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    errors = dict.fromkeys(contestants, 0)
    for number in range(rounds):
        for name, command in contestants.items():
            rate, failed = run(command, folder / "bench.db", seconds)
            rates[name].append(rate)
            errors[name] += failed
            print(f"round {number + 1} {name}: {rate:.0f} trials/s, {failed} errors", file=sys.stderr)
    last = rates[list(contestants)[-1]]
    print("| contestant | trials/s, median (least to most) | errors | times the last, median (least to most) |\n|---|---|---|---|")
    for name, found in rates.items():
        ratios = [a / b for a, b in zip(found, last, strict=True)]
        print(
            f"| {name} | {statistics.median(found):,.0f} ({min(found):,.0f} to {max(found):,.0f}) | {errors[name]} "
            f"| {statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f}) |"
        )


if __name__ == "__main__":
    main()
