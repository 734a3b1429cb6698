#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Null studies on real data: `astrolabe bench` on shared tables, where every candidate is the baseline's own function.

Each study draws other rows of the tables, and each part its own weights and batches, so that nothing but chance differs. A
verdict of better or worse is a false claim; tie is right, undecided is no claim.

With --planted the candidate is fitted for a fifth of the epochs, and worse is right: whether the benchmark sees anything at all.

With --drawn the tables are drawn anew for each seed: then nothing is resampled, and intervals are as narrow as they may be.

Usage: real_nulls.py [STUDIES] [--planted] [--drawn]    ASTROLABE_DATA names the shared data, ASTROLABE_PROGRAM the program
"""

import collections
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ASTROLABE_PROGRAM", str(ROOT / "build" / "release" / "astrolabe"))
TABLES = (("phoneme.csv.gz", "6", "log_loss"), ("credit-g.csv.gz", "class", "auc"), ("winequality-white.csv.gz", "12", "rmse"))
SUITE = """
mode = "drop-in"
own_draws = true
seeds = 8
hosts = ["mlp(architecture=32-32, epochs=20)"]
[slots]
"""
NULL = 'activation = ["silu", "x*sigmoid(x)", "x/(1+exp(-x))"]\n'
PLANTED = "epochs = [20, 4]\n"
DRAWN = 'tasks = ["moons", "linear", "blobs"]\n'


def suite_of(slot: str, is_drawn: bool) -> str:
    if is_drawn:
        return DRAWN + SUITE + slot
    data = pathlib.Path(os.environ["ASTROLABE_DATA"]) / "tabular"
    text = SUITE + slot
    for name, target, metric in TABLES:
        text += f'[[task]]\ndata = "{data / name}"\ntarget = "{target}"\nmetric = "{metric}"\nrows = 600\n'
    return text


def upper_limit(wrong: int, total: int) -> float:
    """Clopper and Pearson's upper 95 % limit (one-sided), by bisection."""
    low, high = wrong / total, 1.0
    for _ in range(60):
        p = (low + high) / 2
        at_most = sum(math.comb(total, k) * p**k * (1 - p) ** (total - k) for k in range(wrong + 1))
        low, high = (p, high) if at_most > 0.05 else (low, p)
    return high


def main() -> int:
    is_planted, is_drawn = "--planted" in sys.argv, "--drawn" in sys.argv
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    studies = int(words[0]) if words else 100
    verdicts, marks = collections.Counter(), collections.Counter()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        suite = pathlib.Path(folder) / "nulls.toml"
        suite.write_text(suite_of(PLANTED if is_planted else NULL, is_drawn))
        for seed in range(1, studies + 1):
            done = subprocess.run([PROGRAM, "bench", str(suite), "--seed", str(seed), "--out", f"{folder}/{seed}", "--json",
                                   "--quiet"], capture_output=True, check=True)
            result = json.loads(done.stdout)
            found = [one["verdict"] for one in result["comparisons"]]
            wrong += any(verdict in ("better", "worse") for verdict in found)
            verdicts.update(found)
            marks.update(task["verdict"] for one in result["comparisons"] for task in one["tasks"])
            print(f"{seed}: {found}", file=sys.stderr, flush=True)
    if is_planted:
        print(f"{studies} studies of {len(TABLES)} tables with a planted effect: {verdicts['worse']} found")
    else:
        print(f"{studies} studies of {len(TABLES)} tables, two candidates each: {wrong} with a false claim "
              f"({100 * wrong / studies:.1f} %, upper 95 % limit {100 * upper_limit(wrong, studies):.1f} %)")
    print("verdicts:", dict(verdicts), " marks of single tables:", dict(marks))
    return 0


if __name__ == "__main__":
    sys.exit(main())
