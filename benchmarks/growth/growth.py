# SPDX-License-Identifier: Apache-2.0
"""growth.py PROGRAM SEEDS [TABLE...]: what growth to twice the width costs, as a share of training anew, for an equal score.

A table is cut in two: rows of before (a net of width w is trained on them) and rows of now (a net of width 2w is trained on them, once
going on from the old one and once from nothing, on the same folds). Both trainings of a fold watch the same rows, take the same steps
on the same net, and so cost the same per epoch: the share of epochs is the share of processor time. Counted are all epochs: of the fits
that watch, with their patience, and of the fits on all rows behind them. Scores are out of fold, differences paired.
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

# Table, target, rows of before and of now, architecture then and now. The settings of going on were looked for on the first four, the
# others only judge.
CHOSEN_ON = [
    ("phoneme.csv.gz", None, 2500, 2000, "32-32", "64-64"),
    ("letter.csv.gz", None, 3000, 3000, "64-64", "128-128"),
    ("electricity.csv.gz", None, 4000, 4000, "64-64", "128-128"),
    ("covertype_20k.csv.gz", None, 4000, 4000, "64-64", "128-128"),
]
JUDGES = [
    ("connect-4.csv.gz", None, 4000, 4000, "64-64", "128-128"),
    ("bank-full.csv.gz", None, 4000, 4000, "64-64", "128-128"),
    ("california_housing.csv.gz", None, 4000, 4000, "64-64", "128-128"),
    ("segment.csv.gz", None, 1200, 1100, "32-32", "64-64"),
]


def read(name):
    path = pathlib.Path(os.environ["ASTROLABE_DATA"]) / "tabular" / name
    with gzip.open(path, "rt", newline="") as file:
        text = file.read()
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text[:200] else ","))
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


def grow(program, task, seed):
    """The result of the run that goes on, with the same net from nothing beside."""
    name, target, then, now, small, large = task
    header, rows = read(name)
    ask = ("--target", target or header[-1], "--seed", str(seed))
    with tempfile.TemporaryDirectory() as folder:
        mixed = shuffled(rows, seed)
        write(pathlib.Path(folder) / "before.csv", header, mixed[:then])
        write(pathlib.Path(folder) / "now.csv", header, mixed[then:then + now])
        run(program, folder, "before.csv", *ask, "--learner", "mlp", "--architecture", small, "--out", "before")
        return run(program, folder, "now.csv", *ask, "--from", "before", "--architecture", large, "--out", "now")


def verdict(gain):
    return "better" if gain["low"] > 0 else "**worse**" if gain["high"] < 0 else "tie"


def main():
    program, seeds, wanted = str(pathlib.Path(sys.argv[1]).resolve()), int(sys.argv[2]), sys.argv[3:]
    print("| table | net | seed | score going on | from nothing | gain, 95 % | | certificate | epochs of both, five folds | share "
          "| as low as anew after |\n|---|---|---|---|---|---|---|---|---|---|---|")
    for task in CHOSEN_ON + JUDGES:
        table = task[0].split(".")[0]
        if wanted and table not in wanted:
            continue
        costs = [0, 0]
        for seed in range(1, seeds + 1):
            result = grow(program, task, seed)
            start, scratch = result["start"], result["start"]["from_nothing"]
            gain, epochs = scratch["gain"], scratch["epochs"]
            low = "never" if scratch["epoch_share"] is None else f"{scratch['epoch_share']:.2f}"
            costs = [costs[0] + epochs["going_on"], costs[1] + epochs["from_nothing"]]
            print(f"| {table} ({result['task']['metric']['name']}) | {task[4]} to {task[5]} | {seed} | {start['score']:.4f} | "
                  f"{scratch['score']:.4f} | {gain['score']:+.4f} ({gain['low']:+.4f} to {gain['high']:+.4f}) | {verdict(gain)} | "
                  f"{start['certificate']['largest_difference']:.1e} | {epochs['going_on']}, {epochs['from_nothing']} | "
                  f"{epochs['going_on'] / epochs['from_nothing']:.2f} | {low} |", flush=True)
        print(f"| {table}, all seeds | | | | | | | | {costs[0]}, {costs[1]} | **{costs[0] / costs[1]:.2f}** | |", flush=True)


if __name__ == "__main__":
    main()
