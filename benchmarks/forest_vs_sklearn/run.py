# SPDX-License-Identifier: Apache-2.0
"""forest against scikit-learn's ExtraTrees, as many trees each, and trees, on the folds of trees_vs_lightgbm."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.metrics import log_loss, roc_auc_score

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "trees_vs_lightgbm"))
import tables  # noqa: E402

TREES = 200


def run_sklearn(table):
    """Its defaults but for the number of trees; codes of categories are numbers to it."""
    out = np.empty((len(table.y), table.classes if table.kind == "multiclass" else 1))
    seconds = 0.0
    maker = ExtraTreesRegressor if table.kind == "regression" else ExtraTreesClassifier
    for fold in range(tables.FOLDS):
        train, test = table.fold != fold, table.fold == fold
        model = maker(n_estimators=TREES, n_jobs=1, random_state=1)
        begin = time.process_time()
        model.fit(table.x[train], table.y[train])
        seconds += time.process_time() - begin
        p = model.predict(table.x[test]) if table.kind == "regression" else model.predict_proba(table.x[test])
        out[test] = p if table.kind == "multiclass" else (p if p.ndim == 1 else p[:, 1])[:, None]
    return out, seconds


def run_ours(table, program, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        path, out = pathlib.Path(folder) / "table.bin", pathlib.Path(folder) / "out.bin"
        table.write(path)
        lines = subprocess.run([program, path, out, "1", *arguments], check=True, capture_output=True, text=True).stdout
        seconds = sum(json.loads(line)["fit_cpu_s"] for line in lines.splitlines())
        return np.fromfile(out).reshape(len(table.y), -1), seconds


def scores(table, out):
    """Means over the folds: AUC and log loss, log loss, or RMSE."""
    found = []
    for fold in range(tables.FOLDS):
        y, p = table.y[table.fold == fold], out[table.fold == fold]
        if table.kind == "regression":
            found.append([np.sqrt(np.mean((p[:, 0] - y) ** 2))])
        elif table.kind == "binary":
            found.append([roc_auc_score(y, p[:, 0]), log_loss(y, np.clip(p[:, 0], 1e-7, 1 - 1e-7))])
        else:
            shares = np.clip(p[np.arange(len(y)), y.astype(int)], 1e-7, 1)
            found.append([-np.mean(np.log(shares))])
    return " / ".join(f"{score:.5g}" for score in np.mean(found, axis=0))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="astrolabe_bench_trees")
    parser.add_argument("--data", default=os.environ.get("ASTROLABE_DATA"), type=pathlib.Path)
    parser.add_argument("--only", default="phoneme,wine_quality,splice,adult,california,bike_sharing")
    arguments = parser.parse_args()
    modes = {"scikit-learn": run_sklearn,
             "forest": lambda table: run_ours(table, arguments.program, "forest", f"trees={TREES}"),
             "random forest": lambda table: run_ours(table, arguments.program, "forest", f"trees={TREES}",
                                                     "splits=best", "bootstrap=true"),
             "trees, watching": lambda table: run_ours(table, arguments.program, "0.2")}
    print("| table | metric | " + " | ".join(modes) + " | processor s: " + " | ".join(modes) + " |")
    print("|---|---|" + "---|" * 2 * len(modes))
    for name in arguments.only.split(","):
        table = tables.load(name, arguments.data)
        found = [mode(table) for mode in modes.values()]
        metric = {"binary": "AUC / log loss", "multiclass": "log loss", "regression": "RMSE"}[table.kind]
        print(f"| {name} | {metric} | " + " | ".join(scores(table, out) for out, _ in found) + " | "
              + " | ".join(f"{seconds:.1f}" for _, seconds in found) + " |", flush=True)


if __name__ == "__main__":
    main()
