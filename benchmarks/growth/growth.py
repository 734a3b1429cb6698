# SPDX-License-Identifier: Apache-2.0
"""growth.py PROGRAM SEEDS: what growth to twice the width costs, as a share of training anew, for an equal score.

A table is cut in three: rows of before (a net of width w is trained on them), rows of now (a net of width 2w is trained on them, once
going on from the old one and once from nothing, on the same folds), and rows that judge. Both trainings of a fold watch the same rows,
take the same steps on the same net, and so cost the same per epoch: the share of epochs is the share of processor time. Counted are all
epochs: of the fit that watches, until its patience or its horizon ends, and of the fit on all rows after it.
"""

import csv
import gzip
import io
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

# Table, target, rows of before and of now, architecture then and now.
TASKS = [
    ("phoneme.csv.gz", None, 2500, 2000, "32-32", "64-64"),
    ("letter.csv.gz", None, 3000, 3000, "64-64", "128-128"),
    ("electricity.csv.gz", None, 4000, 4000, "64-64", "128-128"),
    ("covertype_20k.csv.gz", None, 4000, 4000, "64-64", "128-128"),
]


def read(name):
    path = pathlib.Path(os.environ["ASTROLABE_DATA"]) / "tabular" / name
    with gzip.open(path, "rt", newline="") as file:
        rows = list(csv.reader(file))
    if all(cell.replace(".", "").replace("-", "").isdigit() for cell in rows[0]):
        return [f"c{i}" for i in range(len(rows[0]))], rows
    return rows[0], rows[1:]


def write(path, header, rows):
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    path.write_text(text.getvalue())


def shuffled(rows, seed):
    rows = rows[:]
    random.Random(seed).shuffle(rows)
    return rows


def run(program, folder, *arguments):
    done = subprocess.run([program, "run", *arguments, "--threads", "1", "--trials", "1", "--json", "--quiet"], cwd=folder,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def epochs(result, system):
    (fits,) = [fits for fits in result["figures"]["fits"] if fits["system"] == system]
    return sum(fold["steps"][-1][0] + max(1, fold["best_step"]) for fold in fits["folds"])


def main():
    program, seeds = str(pathlib.Path(sys.argv[1]).resolve()), int(sys.argv[2])
    print("| table | net | seed | score going on | from nothing | gain, 95 % | certificate | epochs of both, five folds | share | as low as anew after |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, target, then, now, small, large in TASKS:
        header, rows = read(name)
        target = target or header[-1]
        for seed in range(1, seeds + 1):
            with tempfile.TemporaryDirectory() as folder:
                mixed = shuffled(rows, seed)
                write(pathlib.Path(folder) / "before.csv", header, mixed[:then])
                write(pathlib.Path(folder) / "now.csv", header, mixed[then:then + now])
                ask = ("--target", target, "--seed", str(seed))
                run(program, folder, "before.csv", *ask, "--learner", "mlp", "--architecture", small, "--out", "before")
                result = run(program, folder, "now.csv", *ask, "--from", "before", "--architecture", large, "--out", "now")
            start = result["start"]
            scratch = start["from_nothing"]
            gain = scratch["gain"] or {"score": float("nan"), "low": float("nan"), "high": float("nan")}
            low = "never" if scratch["epoch_share"] is None else f"{scratch['epoch_share']:.2f}"
            warm, anew = epochs(result, start["system"]), epochs(result, scratch["system"])
            print(f"| {name.split('.')[0]} ({result['task']['metric']['name']}) | {small} to {large} | {seed} | {start['score']:.4f} | "
                  f"{scratch['score']:.4f} | {gain['score']:+.4f} ({gain['low']:+.4f} to {gain['high']:+.4f}) | "
                  f"{start['certificate']['largest_difference']:.1e} | {warm}, {anew} | "
                  f"{warm / anew:.2f} | {low} |", flush=True)


if __name__ == "__main__":
    main()
