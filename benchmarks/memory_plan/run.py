#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whole processes, taking turns, in processor seconds: a machine that others use too stretches the clock, not these."""

import argparse
import csv
import json
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile

CAPACITY = 1 << 20
LIMIT = 300  # seconds of the clock, for one solve


def measure(command):
    """(processor seconds, exit code or None where the limit came first, stdout)"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)
        code, out = done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        code, out = None, ""
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, code, out


def is_sound(rows):
    rows = [{key: int(row[key]) for key in ("lower", "upper", "size", "offset")} for row in rows]
    for i, a in enumerate(rows):
        if a["offset"] < 0 or a["offset"] + a["size"] > CAPACITY:
            return False
        for b in rows[:i]:
            if a["lower"] < b["upper"] and b["lower"] < a["upper"] and \
                    a["offset"] < b["offset"] + b["size"] and b["offset"] < a["offset"] + a["size"]:
                return False
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", default=os.path.join(os.environ.get("ASTROLABE_DATA", ""), "minimalloc"))
    arguments = parser.parse_args()
    rival = os.environ.get("MINIMALLOC")
    print("| instance | buffers | lower bound | greed alone | placings | ours | without search | MiniMalloc |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(pathlib.Path(arguments.folder).glob("*.csv")):
            plan = pathlib.Path(folder) / "plan.csv"
            ours = [arguments.program, "plan-memory", str(path), "--capacity", str(CAPACITY), "--json", "--quiet"]
            theirs = [rival, f"--capacity={CAPACITY}", f"--input={path}", f"--output={plan}"]
            times = {"ours": [], "greed": [], "theirs": []}
            solved = True
            for turn in range(arguments.rounds):
                seconds, code, out = measure(ours)
                result = json.loads(out)
                solved = solved and code == 0 and is_sound(result["buffers"])
                times["ours"].append(seconds)
                times["greed"].append(measure([*ours, "--steps", "0"])[0])
                if rival and turn < 2:  # it takes long
                    seconds, code, _ = measure(theirs)
                    fine = code == 0 and is_sound(list(csv.DictReader(plan.open())))
                    times["theirs"].append(seconds if fine else float("nan"))
            shown = {name: f"{statistics.median(values):.3f} s" if values else "-" for name, values in times.items()}
            print(f"| {path.name.split('.')[0]} | {len(result['buffers'])} | {result['lower_bound']:,} "
                  f"| {result['greedy_peak']:,} | {result['steps']:,} | {shown['ours']}{'' if solved else ' NOT SOLVED'} "
                  f"| {shown['greed']} | {shown['theirs']} |", flush=True)


if __name__ == "__main__":
    main()
