# SPDX-License-Identifier: Apache-2.0
"""Predicting with trees against xgboost: as many rows as fit a table, then one by one; the two take turns."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import xgboost

CONFIGS = {
    "depth 6": ({"max_depth": 6, "grow_policy": "depthwise"}, ["growth=depth_wise", "max_depth=6", "max_leaves=64"]),
    "255 leaves": ({"max_depth": 0, "max_leaves": 255, "grow_policy": "lossguide"}, ["max_depth=0", "max_leaves=255"]),
}
SHARED = ["rounds=100", "learning_rate=0.1", "column_sample=1", "l2=1", "min_rows=20"]


def auc(truth, scores):
    rank = np.empty(len(scores))
    rank[np.argsort(scores, kind="stable")] = np.arange(1, len(scores) + 1)
    ones = truth.sum()
    return (rank[truth == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(truth) - ones))


class Ours:
    """A running astrolabe_bench_forest."""

    def __init__(self, program, table, out, threads, settings):
        command = [program, table, out, str(threads), *SHARED, *settings]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.model = json.loads(self.process.stdout.readline())["model"]

    def ask(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def compare(config, arguments, folder, arrays):
    x, y, fitted = arrays
    theirs, settings = CONFIGS[config]
    ours = Ours(arguments.program, folder / "table.bin", folder / "out.bin", arguments.threads, settings)
    parameters = {"objective": "binary:logistic", "eta": 0.1, "tree_method": "hist", "lambda": 1, "nthread": arguments.threads}
    booster = xgboost.train({**parameters, **theirs}, xgboost.DMatrix(x[:fitted], y[:fitted]), 100)
    rows = x[fitted:]  # in place: a DMatrix would remember its predictions
    wall, processor, single = {"xgboost": [], "trees": []}, {"xgboost": [], "trees": []}, {"xgboost": [], "trees": []}
    for _ in range(arguments.rounds):
        begin, used = time.perf_counter(), time.process_time()
        predicted = booster.inplace_predict(rows)
        wall["xgboost"].append(time.perf_counter() - begin)
        processor["xgboost"].append(time.process_time() - used)
        told = ours.ask("many")
        wall["trees"].append(told["wall_s"])
        processor["trees"].append(told["processor_s"])
        singles = []
        booster.set_param({"nthread": 1})  # waking threads for one row is slower
        for row in range(200):
            begin = time.perf_counter()
            booster.inplace_predict(x[fitted + row : fitted + row + 1])
            singles.append(1e6 * (time.perf_counter() - begin))
        booster.set_param({"nthread": arguments.threads})
        single["xgboost"].append(statistics.median(singles))
        single["trees"].append(ours.ask("one")["median_us"])
    ours.end()
    ratio = [statistics.median(a / b for a, b in zip(table["trees"], table["xgboost"])) for table in (wall, processor)]
    middle = {name: {who: statistics.median(v) for who, v in table.items()} for name, table in (("wall", wall), ("cpu", processor), ("one", single))}
    scores = auc(y[fitted:], predicted), auc(y[fitted:], np.fromfile(folder / "out.bin"))
    print(f"| {config} | {middle['wall']['xgboost']:.3f} | {middle['wall']['trees']:.3f} | {ratio[0]:.3f} | {middle['cpu']['xgboost']:.3f} | "
          f"{middle['cpu']['trees']:.3f} | {ratio[1]:.3f} | {middle['one']['xgboost']:.0f} | {middle['one']['trees']:.2f} | {scores[0]:.4f} | {scores[1]:.4f} |", flush=True)
    print(f"  trees: {ours.model}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="astrolabe_bench_forest")
    parser.add_argument("--data", default=os.environ.get("ASTROLABE_DATA"), type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=1_000_000, help="to predict")
    parser.add_argument("--fit-rows", type=int, default=500_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", choices=CONFIGS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        total = arguments.fit_rows + arguments.rows
        subprocess.run([sys.executable, arguments.data / "higgs_like.py", str(total), folder / "made.npz"], check=True, stdout=sys.stderr)
        made = np.load(folder / "made.npz")
        x, y = np.ascontiguousarray(made["X"], np.float32), made["y"].astype(np.float64)
        with open(folder / "table.bin", "wb") as file:
            np.array([arguments.fit_rows, arguments.rows, x.shape[1]], np.int64).tofile(file)
            np.ascontiguousarray(x.T).tofile(file)
            y[: arguments.fit_rows].tofile(file)
        print("| forest | xgboost s | trees s | ratio | xgboost processor s | trees processor s | ratio | xgboost one row us | trees one row us | "
              "AUC xgboost | AUC trees |")
        print("|" + "---|" * 11)
        for config in CONFIGS:
            if arguments.only in (None, config):
                compare(config, arguments, folder, (x, y, arguments.fit_rows))


if __name__ == "__main__":
    main()
