# SPDX-License-Identifier: Apache-2.0
"""Fits in memory and out of memory in turn; medians, their ratio, the peak beside the cap, whether models are equal."""

import argparse
import json
import statistics
import subprocess
import sys


def fit(arguments: list[str]) -> dict:
    done = subprocess.run(arguments, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--table", required=True)
    parser.add_argument("--cap", required=True, help="megabytes")
    parser.add_argument("--rounds", default="40")
    parser.add_argument("--threads", default="1")
    parser.add_argument("--repeats", type=int, default=3)
    told = parser.parse_args()
    rounds = f"rounds={told.rounds}"
    memory, streamed = [], []
    for _ in range(told.repeats):
        memory.append(fit([told.program, "memory", told.table, told.threads, rounds]))
        streamed.append(fit([told.program, "streamed", told.table, told.threads, told.cap, rounds]))
    for name, fits in (("in memory", memory), ("out of memory", streamed)):
        seconds = {key: statistics.median(one[key] for one in fits) for key in ("wall_s", "cpu_s")}
        print(f"{name}: {seconds['wall_s']:.1f} s, {seconds['cpu_s']:.1f} processor s, peak {fits[0]['peak_mb']} MB")
    for key in ("wall_s", "cpu_s"):
        ratios = [b[key] / a[key] for a, b in zip(memory, streamed, strict=True)]
        print(f"{key}: {statistics.median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f})")
    equal = len({one["model"] for one in memory + streamed}) == 1
    peak = max(one["peak_mb"] for one in streamed)
    print(f"models equal: {equal}; peak {peak} MB under a cap of {told.cap} MB: {peak <= int(told.cap)}")
    return 0 if equal and peak <= int(told.cap) else 1


if __name__ == "__main__":
    sys.exit(main())
