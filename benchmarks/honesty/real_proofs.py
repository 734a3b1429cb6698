#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Null studies of `astrolabe prove` itself on real data: a whole search and a whole proof, of which nothing should come.

Each study draws 1,500 other rows of a shared table, lets `run` choose between nets of 24 and of 25 hidden units, whose weights are drawn
apart, and lets `prove` try the chosen one against the other on the rows that were sealed for it. A verdict of better or worse is a false claim
(one unit more is not exactly nothing, so the rate can only look too high); tie is right, undecided is no claim.

With --planted the choice is between 12 epochs and 1, and better is right.

Usage: real_proofs.py [STUDIES] [--planted]    ASTROLABE_DATA names the shared data, ASTROLABE_PROGRAM the program
"""

import collections
import gzip
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from real_nulls import PROGRAM, upper_limit

ROWS = 1500
TABLES = (("phoneme.csv.gz", "6", False), ("segment.csv.gz", "class", True), ("winequality-white.csv.gz", "12", False),
          ("abalone.csv.gz", "9", False), ("electricity.csv.gz", "class", True))
NET = ("--learner", "mlp", "--mlp-numeric-embedding", "none")
NULL = (*NET, "--architecture", "24,25", "--mlp-epochs", "12")
PLANTED = (*NET, "--architecture", "24", "--mlp-epochs", "1,12")


def draw(name: str, has_header: bool, seed: int, file: pathlib.Path) -> None:
    with gzip.open(pathlib.Path(os.environ["ASTROLABE_DATA"]) / "tabular" / name, "rt") as text:
        lines = text.read().splitlines()
    head = lines[:1] if has_header else []
    rows = lines[1:] if has_header else lines
    file.write_text("\n".join(head + random.Random(seed).sample(rows, ROWS)) + "\n")


def study(folder: pathlib.Path, seed: int, options: tuple) -> dict:
    name, target, has_header = TABLES[seed % len(TABLES)]
    table, run = folder / f"{seed}.csv", folder / f"run-{seed}"
    draw(name, has_header, seed, table)
    header = () if has_header else ("--no-header",)
    common = ("--seed", str(seed), "--threads", "1", "--quiet")
    subprocess.run([PROGRAM, "run", table, "--target", target, *header, *options, "--trials", "2", "--out", run, *common],
                   check=True, capture_output=True)
    done = subprocess.run([PROGRAM, "prove", run, "--no-ledger", "--threads", "1", "--json", "--quiet"], check=True,
                          capture_output=True)
    findings = json.loads(done.stdout)["findings"]
    return {"table": name.split(".")[0], "verdicts": [one["verdict"] for one in findings],
            "pairs": [one["pairs"] for one in findings]}


def main() -> int:
    is_planted = "--planted" in sys.argv
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    studies = int(words[0]) if words else 50
    verdicts, wrong, pairs = collections.Counter(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, studies + 1):
            found = study(pathlib.Path(folder), seed, PLANTED if is_planted else NULL)
            wrong += any(verdict in ("better", "worse") for verdict in found["verdicts"])
            verdicts.update(found["verdicts"])
            pairs += sum(found["pairs"])
            print(f"{seed}: {found}", file=sys.stderr, flush=True)
    if is_planted:
        print(f"{studies} proofs of a planted effect: {verdicts['better']} found")
    else:
        print(f"{studies} null studies: {wrong} with a false claim ({100 * wrong / studies:.1f} %, upper 95 % limit "
              f"{100 * upper_limit(wrong, studies):.1f} %)")
    print("verdicts:", dict(verdicts), f" pairs a proof: {pairs / max(1, sum(verdicts.values())):.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
