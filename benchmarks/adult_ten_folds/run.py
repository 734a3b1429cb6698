# SPDX-License-Identifier: Apache-2.0
"""Ten own folds over adult.data: the AUC of `astrolabe run` with a time limit, beside published single models.

    ./dev bench adult_ten_folds            # 60 s a fold
"""

import argparse
import gzip
import json
import math
import pathlib
import random
import statistics
import subprocess
import tempfile

# Mean AUC over 10 folds of 48,842 rows in the OpenML AutoML Benchmark (single models inside AutoGluon 1.0, no bagging).
PUBLISHED = {"CatBoost": 0.9303, "LightGBM": 0.9300, "XGBoost": 0.9306}


def read_rows(path):
    with gzip.open(path, "rt") as file:
        return [line.rstrip("\n") for line in file if line.strip()]


def make_folds(rows, count, seed):
    """Stratified by the last column; every row is judged once."""
    shuffler = random.Random(seed)
    folds = [[] for _ in range(count)]
    by_class = {}
    for row in rows:
        by_class.setdefault(row.rsplit(",", 1)[1].strip(), []).append(row)
    at = 0
    for name in sorted(by_class):
        members = by_class[name]
        shuffler.shuffle(members)
        for row in members:
            folds[at % count].append(row)
            at += 1
    return folds


def run_fold(program, folds, held_out, limit, folder):
    train, test = folder / f"train{held_out}.csv", folder / f"test{held_out}.csv"
    train.write_text("\n".join(r for k, fold in enumerate(folds) if k != held_out for r in fold) + "\n")
    test.write_text("\n".join(folds[held_out]) + "\n")
    command = [program, "run", train, "--target", "15", "--no-header", "--test", test, "--time", limit,
               "--out", folder / f"run{held_out}", "--json", "--quiet"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default="build/release/astrolabe")
    parser.add_argument("--data", required=True, help="folder with tabular/adult.data.gz")
    parser.add_argument("--time", default="60s")
    parser.add_argument("--folds", type=int, default=10)
    arguments = parser.parse_args()
    rows = read_rows(pathlib.Path(arguments.data) / "tabular" / "adult.data.gz")
    folds = make_folds(rows, 10, seed=1)
    scores = []
    with tempfile.TemporaryDirectory() as folder:
        for k in range(arguments.folds):
            result = run_fold(arguments.program, folds, k, arguments.time, pathlib.Path(folder))
            scores.append(result["best"]["sealed"]["score"])
            print(f"fold {k}: AUC {scores[-1]:.5f}  {result['time_s']:.1f} s  {result['best']['system']}", flush=True)
    mean, deviation = statistics.mean(scores), statistics.stdev(scores)
    error = deviation / math.sqrt(len(scores))
    print(f"\nmean AUC {mean:.5f}, standard deviation {deviation:.5f}, standard error {error:.5f}")
    for name, published in PUBLISHED.items():
        verdict = "within two standard errors or better" if mean >= published - 2 * error else "worse"
        print(f"  {name:<10} {published:.4f}  {mean - published:+.5f}  {verdict}")


if __name__ == "__main__":
    main()
