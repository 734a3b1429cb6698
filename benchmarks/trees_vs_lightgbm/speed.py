# SPDX-License-Identifier: Apache-2.0
"""trees against lightgbm on many rows at the same settings, interleaved: processor seconds to bin and train, and the AUC."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import lightgbm
import numpy as np

import run
import tables

CONFIGS = {
    "depth 6": ({"max_depth": 6, "num_leaves": 64}, ["growth=depth_wise", "max_depth=6", "max_leaves=64"]),
    "31 leaves": ({"num_leaves": 31}, ["max_leaves=31"]),
    "255 leaves": ({"num_leaves": 255}, ["max_leaves=255"]),
}
SHARED = ["rounds=100", "learning_rate=0.1", "column_sample=1", "l2=0", "min_rows=20"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="astrolabe_bench_trees")
    parser.add_argument("--data", default=os.environ.get("ASTROLABE_DATA"), type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=1, help="1 keeps waiting threads out of the processor seconds")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        made = folder / "table.npz"
        test_rows = arguments.rows // 5
        subprocess.run([sys.executable, arguments.data / "higgs_like.py", str(arguments.rows + test_rows), made], check=True)
        arrays = np.load(made)
        x, y = arrays["X"], arrays["y"].astype(np.float64)
        # Fold 0 is the test part; the rows of no fold are always trained on.
        fold = np.where(np.arange(len(y)) < arguments.rows, 1, 0).astype(np.int32)
        table = tables.Table("higgs_like", "binary", x, np.zeros(x.shape[1], np.int32), y, fold, 2)
        tables.FOLDS = 1
        path, out = folder / "table.bin", folder / "out.bin"
        table.write(path)
        train, test = fold == 1, fold == 0
        print("| config | lightgbm fit s | trees fit s | ratio | lightgbm predict s | trees predict s | AUC lightgbm | AUC trees |")
        print("|---|---|---|---|---|---|---|---|")
        for config, (theirs, ours) in CONFIGS.items():
            times = {"lightgbm": [], "trees": []}
            predicts = {"lightgbm": [], "trees": []}
            for _ in range(arguments.repeats):
                begin = time.process_time()
                model = lightgbm.LGBMClassifier(n_jobs=arguments.threads, verbosity=-1, **theirs)
                model.fit(x[train], y[train])
                fitted = time.process_time()
                p = model.predict_proba(x[test])[:, 1]
                times["lightgbm"].append(fitted - begin)
                predicts["lightgbm"].append(time.process_time() - fitted)
                command = [arguments.program, path, out, str(arguments.threads), "0", *SHARED, *ours]
                told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                times["trees"].append(told["fit_cpu_s"])
                predicts["trees"].append(told["predict_cpu_s"])
            own = np.fromfile(out)[test]
            fit = {who: statistics.median(values) for who, values in times.items()}
            predict = {who: statistics.median(values) for who, values in predicts.items()}
            auc = [1 - run.mean_loss(table, y[test], scores) for scores in (p, own)]
            print(f"| {config} | {fit['lightgbm']:.2f} | {fit['trees']:.2f} | {fit['lightgbm'] / fit['trees']:.2f} | "
                  f"{predict['lightgbm']:.2f} | {predict['trees']:.2f} | {auc[0]:.5f} | {auc[1]:.5f} |", flush=True)


if __name__ == "__main__":
    main()
