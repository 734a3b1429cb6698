# SPDX-License-Identifier: Apache-2.0
"""trees against lightgbm, both at default settings, on the same folds of the same arrays. Prints a Markdown table."""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

import lightgbm
import numpy as np
import scipy.stats

import tables


def mean_loss(table, y, p):
    """The metric of the task: 1 - AUC, log loss or RMSE. Smaller is better."""
    if table.kind == "regression":
        return float(np.sqrt(np.mean((p - y) ** 2)))
    if table.kind == "multiclass":
        shares = np.clip(p[np.arange(len(y)), y.astype(int)], 1e-15, 1)
        return float(-np.mean(np.log(shares)))
    ranks = scipy.stats.rankdata(p)
    positive = y == 1
    count = positive.sum()
    auc = (ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(y) - count))
    return float(1 - auc)


def run_lightgbm(table, threads):
    """lightgbm's defaults: 100 trees, learning rate 0.1, 31 leaves, 20 rows a leaf."""
    out = np.empty((len(table.y), max(table.classes, 1) if table.kind == "multiclass" else 1))
    fit_s = 0.0
    maker = lightgbm.LGBMRegressor if table.kind == "regression" else lightgbm.LGBMClassifier
    codes = [int(j) for j in np.flatnonzero(table.categories)]
    for fold in range(tables.FOLDS):
        train, test = table.fold != fold, table.fold == fold
        model = maker(n_jobs=threads, verbosity=-1)
        x_train, x_test = table.x[train], table.x[test]
        begin = time.process_time()
        model.fit(x_train, table.y[train], categorical_feature=codes if codes else "auto")
        fit_s += time.process_time() - begin
        p = model.predict(x_test) if table.kind == "regression" else model.predict_proba(x_test)
        out[test] = p if table.kind == "multiclass" else (p if p.ndim == 1 else p[:, 1])[:, None]
    return out, fit_s


def run_trees(table, threads, program, folder, watch, settings):
    path, out = folder / "table.bin", folder / "out.bin"
    table.write(path)
    command = [program, path, out, str(threads), str(watch), *settings]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    folds = [json.loads(line) for line in lines]
    total = lambda key: sum(fold[key] for fold in folds)
    prediction = np.fromfile(out).reshape(len(table.y), -1)
    return prediction, total("fit_cpu_s"), total("rounds") // len(folds)


def fold_losses(table, out):
    p = out if table.kind == "multiclass" else out[:, 0]
    return [mean_loss(table, table.y[table.fold == k], p[table.fold == k]) for k in range(tables.FOLDS)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="astrolabe_bench_trees")
    parser.add_argument("--data", default=os.environ.get("ASTROLABE_DATA"), type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=1, help="1 keeps waiting threads out of the processor seconds")
    parser.add_argument("--only", help="comma-separated table names")
    parser.add_argument("--watch", type=float, default=0.2)
    parser.add_argument("--cache", type=pathlib.Path, help="keep lightgbm's results here between runs")
    parser.add_argument("settings", nargs="*", help="NAME=VALUE for trees")
    arguments = parser.parse_args()
    names = arguments.only.split(",") if arguments.only else list(tables.SPECS)
    modes = {"trees": 0.0, "trees, watching": arguments.watch}
    ranks = {mode: [] for mode in ["lightgbm", *modes]}
    pairs = {mode: [] for mode in modes}
    seconds = {mode: 0.0 for mode in ranks}
    print("| table | metric | lightgbm | trees | trees, watching | rounds | processor s: lightgbm | trees | watching |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in names:
        table = tables.load(name, arguments.data)
        kept = arguments.cache / f"{name}.json" if arguments.cache else None
        losses, fit_s, rounds = {}, {}, {}
        with tempfile.TemporaryDirectory() as folder:
            if kept and kept.exists():
                losses["lightgbm"], fit_s["lightgbm"] = json.loads(kept.read_text())
            else:
                out, fit_s["lightgbm"] = run_lightgbm(table, arguments.threads)
                losses["lightgbm"] = fold_losses(table, out)
                if kept:
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    kept.write_text(json.dumps([losses["lightgbm"], fit_s["lightgbm"]]))
            for mode, watch in modes.items():
                out, fit_s[mode], rounds[mode] = run_trees(
                    table, arguments.threads, arguments.program, pathlib.Path(folder), watch, arguments.settings)
                losses[mode] = fold_losses(table, out)
        for mode in modes:
            pair = [float(np.mean(losses["lightgbm"])), float(np.mean(losses[mode]))]
            pairs[mode].append(scipy.stats.rankdata(pair))
        all_ranks = scipy.stats.rankdata([float(np.mean(losses[mode])) for mode in ranks])
        for mode, rank in zip(ranks, all_ranks):
            ranks[mode].append(rank)
            seconds[mode] += fit_s[mode]
        metric = {"binary": "1 - AUC", "multiclass": "log loss", "regression": "RMSE"}[table.kind]
        cells = [f"{np.mean(losses[mode]):.5g}" for mode in ranks]
        print(f"| {name} | {metric} | {' | '.join(cells)} | {rounds['trees, watching']} | "
              + " | ".join(f"{fit_s[mode]:.2f}" for mode in ranks) + " |", flush=True)
    print()
    for mode in modes:
        rank = np.mean(pairs[mode], axis=0)
        wins = int(sum(pair[1] < pair[0] for pair in pairs[mode]))
        print(f"lightgbm against {mode}: mean ranks {rank[0]:.3f} and {rank[1]:.3f}; {mode} is better on {wins} of {len(names)}")
    print("mean rank of all three: " + ", ".join(f"{mode} {np.mean(ranks[mode]):.3f}" for mode in ranks))
    print("processor seconds to fit all: " + ", ".join(f"{mode} {seconds[mode]:.1f}" for mode in ranks))


if __name__ == "__main__":
    main()
