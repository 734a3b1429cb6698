# SPDX-License-Identifier: Apache-2.0
"""compare.py PROGRAM TABLE ROUNDS: equal results first, then paired rounds, each in a process of its own."""

import math
import os
import pathlib
import random
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def measure(command: list[str]) -> tuple[float, float, dict[str, tuple[int, float]]]:
    """(seconds of the read itself, peak memory in bytes, sum and missing cells per numeric column)"""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    lines = process.stdout.read().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed")
    seconds = float(next(line.split()[1] for line in lines if line.startswith("seconds ")))
    columns = {}
    for line in lines:
        if line.startswith("column\t"):
            _, name, kind, missing, total = line.split("\t")
            if kind in ("number", "whole_number"):
                columns[name] = (int(missing), float(total))
    return seconds, usage.ru_maxrss * 1024, columns


def bootstrap(ratios: list[float]) -> tuple[float, float]:
    """A 95 % interval of the median ratio."""
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(2000))
    return medians[50], medians[1949]


def main() -> None:
    program, table, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    contestants = {
        "astrolabe": [program, table],
        "pyarrow.csv": [sys.executable, str(HERE / "read_with_pyarrow.py"), table],
    }
    results = {name: measure(command)[2] for name, command in contestants.items()}  # also warms the page cache
    ours, theirs = results.values()
    if ours.keys() != theirs.keys():
        sys.exit(f"different numeric columns: {ours.keys() ^ theirs.keys()}")
    for name, (missing, total) in ours.items():
        if missing != theirs[name][0] or not math.isclose(total, theirs[name][1], rel_tol=1e-9, abs_tol=1e-6):
            sys.exit(f"column {name} differs: {ours[name]} and {theirs[name]}")
    print(f"equal sums and missing cells in {len(ours)} numeric columns")

    times = {name: [] for name in contestants}
    peaks = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, command in contestants.items():
            seconds, peak, _ = measure(command)
            times[name].append(seconds)
            peaks[name].append(peak)
    size = os.path.getsize(table)
    for name in contestants:
        print(
            f"{name:<12} median {statistics.median(times[name]):.2f} s (fastest {min(times[name]):.2f}), "
            f"peak {max(peaks[name]) / size:.2f} x the file of {size / 1e6:.0f} MB"
        )
    ratios = [a / b for a, b in zip(*times.values())]
    low, high = bootstrap(ratios)
    print(f"time ratio: median {statistics.median(ratios):.2f}, 95 % interval {low:.2f} to {high:.2f}, {rounds} rounds")


if __name__ == "__main__":
    main()
