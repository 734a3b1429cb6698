# SPDX-License-Identifier: Apache-2.0
"""growth.py PROGRAM SEEDS [TABLE...] [--hide KIND=N]: what growth to twice the width costs, as a share of training anew, for an equal score.

A table is cut in two: rows of before (a net of width w is trained on them) and rows of now (a net of width 2w is trained on them, once
going on from the old one and once from nothing, on the same folds). Both trainings of a fold watch the same rows, take the same steps
on the same net, and so cost the same per epoch: the share of epochs is the share of processor time. Counted are all epochs: of the fits
that watch, with their patience, and of the fits on all rows behind them. Scores are out of fold, differences paired.

--hide says what is new to the rows of now: columns=N, so that the rows of before lack the N columns that matter most to the small net of
them; categories=N, so that they lack every second category of the N columns of text that matter most; classes=N, so that they lack the N
most frequent classes.
"""

import argparse
import collections
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


def columns_that_matter(program, folder, ask, net):
    """Names of columns of before.csv, those first whose shuffling costs a net the most."""
    result = run(program, folder, "before.csv", *ask, "--learner", "mlp", "--architecture", net, "--out", "whole")
    return [entry["column"] for entry in sorted(result["importance"]["by_shuffling"], key=lambda entry: -entry["score"])]


def every_second(rows, column):
    """Of the categories of a column, the second most frequent one, the fourth, and so on."""
    return {name for name, _ in collections.Counter(row[column] for row in rows).most_common()[1::2]}


def is_text(rows, column):
    return any(row[column].strip(".-+0123456789eE") for row in rows)


def hide(hidden, program, folder, header, rows, task, ask):
    """What is said of it, and the header and the rows of before without what is hidden; of rows, others take their places."""
    kind, count = hidden
    _, _, then, now, small, _ = task
    target = header.index(ask[1])
    others = rows[:then] + rows[then + now:]
    if kind == "classes":
        gone = {name for name, _ in collections.Counter(row[target] for row in others).most_common(count)}
        return ", ".join(sorted(gone)), header, [row for row in others if row[target] not in gone][:then]
    matter = columns_that_matter(program, folder, ask, small)
    if kind == "columns":
        gone = set(matter[:count])
        kept = [i for i, name in enumerate(header) if name not in gone]
        return (", ".join(matter[:count]), [header[i] for i in kept], [[row[i] for i in kept] for row in rows[:then]])
    texts = [name for name in matter if is_text(others, header.index(name))][:count]
    gone = {header.index(name): every_second(others, header.index(name)) for name in texts}
    said = "; ".join(f"{header[column]}: {', '.join(sorted(names))}" for column, names in gone.items())
    return said, header, [row for row in others if not any(row[column] in names for column, names in gone.items())][:then]


def grow(program, task, seed, hidden):
    """The result of the run that goes on, with the same net from nothing beside, and what was hidden."""
    name, target, then, now, small, large = task
    header, rows = read(name)
    ask = ("--target", target or header[-1], "--seed", str(seed))
    with tempfile.TemporaryDirectory() as folder:
        mixed = shuffled(rows, seed)
        before = pathlib.Path(folder) / "before.csv"
        write(before, header, mixed[:then])
        write(pathlib.Path(folder) / "now.csv", header, mixed[then:then + now])
        said = ""
        if hidden:
            said, *rest = hide(hidden, program, folder, header, mixed, task, ask)
            write(before, *rest)
        run(program, folder, "before.csv", *ask, "--learner", "mlp", "--architecture", small, "--out", "before")
        return run(program, folder, "now.csv", *ask, "--from", "before", "--architecture", large, "--out", "now"), said


def verdict(gain):
    return "better" if gain["low"] > 0 else "**worse**" if gain["high"] < 0 else "tie"


def hiding(text):
    kind, _, count = text.partition("=")
    if kind not in ("columns", "categories", "classes") or not count.isdigit() or int(count) == 0:
        raise argparse.ArgumentTypeError("columns=N, categories=N or classes=N")
    return kind, int(count)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=lambda text: str(pathlib.Path(text).resolve()))
    parser.add_argument("seeds", type=int)
    parser.add_argument("tables", nargs="*")
    parser.add_argument("--hide", type=hiding)
    parser.add_argument("--first-seed", type=int, default=1)
    asked = parser.parse_args()
    print("| table | net | new | seed | score going on | from nothing | gain, 95 % | | certificate | epochs of both, five folds | share "
          "| as low as anew after |\n|---|---|---|---|---|---|---|---|---|---|---|---|")
    for task in CHOSEN_ON + JUDGES:
        table = task[0].split(".")[0]
        if asked.tables and table not in asked.tables:
            continue
        costs = [0, 0]
        for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
            result, new = grow(asked.program, task, seed, asked.hide)
            start, scratch = result["start"], result["start"]["from_nothing"]
            gain, epochs = scratch["gain"], scratch["epochs"]
            low = "never" if scratch["epoch_share"] is None else f"{scratch['epoch_share']:.2f}"
            if result["task"]["kind"] == "regression":
                low = "not compared"
            costs = [costs[0] + epochs["going_on"], costs[1] + epochs["from_nothing"]]
            print(f"| {table} ({result['task']['metric']['name']}) | {task[4]} to {task[5]} | {new} | {seed} | {start['score']:.4f} | "
                  f"{scratch['score']:.4f} | {gain['score']:+.4f} ({gain['low']:+.4f} to {gain['high']:+.4f}) | {verdict(gain)} | "
                  f"{start['certificate']['largest_difference']:.1e} | {epochs['going_on']}, {epochs['from_nothing']} | "
                  f"{epochs['going_on'] / epochs['from_nothing']:.2f} | {low} |", flush=True)
        if asked.seeds > 1:
            print(f"| {table}, all seeds | | | | | | | | | {costs[0]}, {costs[1]} | **{costs[0] / costs[1]:.2f}** | |", flush=True)


if __name__ == "__main__":
    main()
