# SPDX-License-Identifier: Apache-2.0
"""Twelve tables, three folds, everyone at the defaults: trees (two ways), lightgbm, xgboost, catboost; and 60 seconds of a run.

    ./dev bench trees_vs_rivals                    # goes on where results.json ends
    benchmarks/trees_vs_rivals/run.sh --table      # runs nothing, prints the tables of what is there
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import scipy.stats

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "trees_vs_lightgbm"), str(HERE.parent / "automl_vs_flaml")]
import tables  # noqa: E402
from score import difference, predictions_of_csv, score  # noqa: E402

# Named before the first run; README.md says how.
TABLES = ["amazon", "credit-g", "flight_delays", "hr_job_change", "telco_churn", "connect-4", "letter", "splice",
          "ames_housing", "boston", "diamonds", "power_plant"]
MOST_ROWS = 10_000
RIVALS = ["lightgbm", "xgboost", "catboost"]
DEFAULTS = {"run": RIVALS, "plain": RIVALS}  # ours: whom it is compared with
COMPARED = DEFAULTS | {"minute": ["catboost"]}
METRICS = {"binary": "auc", "multiclass": "log_loss", "regression": "rmse"}


def load(name, data):
    """The table of trees_vs_lightgbm, at most MOST_ROWS rows of it, with its three folds."""
    table = tables.load(name, data)
    if len(table.y) > MOST_ROWS:
        kept = np.sort(np.random.default_rng(2025).permutation(len(table.y))[:MOST_ROWS])
        table.x, table.y = table.x[kept], table.y[kept]
        table.fold = tables.make_folds(table.y, table.kind)
    return table


def frame_of(table):
    """float32 columns and text columns; every contestant reads these."""
    columns = {}
    for j, count in enumerate(table.categories):
        values = table.x[:, j]
        text = pd.Series(values, dtype=object).map(lambda code: None if np.isnan(code) else f"k{int(code)}")
        columns[f"c{j}"] = text if count > 0 else values
    return pd.DataFrame(columns)


def target_of(table):
    """Numbers, or the names of classes."""
    return pd.Series(table.y if table.kind == "regression" else table.y.astype(int).astype(str))


def with_names(table, out):
    """Predictions as score.py reads them."""
    if table.kind == "regression":
        return pd.Series(np.asarray(out).reshape(-1))
    out = np.asarray(out).reshape(len(out), -1)
    if out.shape[1] == 1:
        out = np.column_stack([1 - out, out])
    return pd.DataFrame(out, columns=[str(i) for i in range(out.shape[1])])


def predict_plain(arguments, table, folder):
    """One fit on all training rows at the defaults of the learner, no early stopping: predictions of all rows."""
    folder.mkdir(parents=True, exist_ok=True)
    table.write(folder / "table.bin")
    subprocess.run([arguments.fitter, folder / "table.bin", folder / "out.bin", "1", "0"], check=True, capture_output=True)
    return np.fromfile(folder / "out.bin").reshape(len(table.y), -1)


def predict_run(arguments, table, tool, train, test, folder):
    """`astrolabe run` of one candidate, or for some seconds; folds within the training rows, no sealed rows."""
    folder.mkdir(parents=True, exist_ok=True)
    train.to_csv(folder / "train.csv", index=False)
    test.to_csv(folder / "test.csv", index=False)
    shutil.rmtree(folder / "run", ignore_errors=True)
    limits = ["--learner", "trees", "--trials", "1"]
    if tool == "minute":
        limits = ["--learner", "trees,linear", "--time", f"{arguments.seconds}s"]
    command = [arguments.program, "run", folder / "train.csv", "--target", "y", "--task", table.kind, "--metric",
               METRICS[table.kind], "--test", folder / "test.csv", "--threads", "1", "--seed", "1", "--out",
               folder / "run", "--json", "--quiet", *limits]
    subprocess.run(command, check=True, capture_output=True, text=True)
    subprocess.run([arguments.program, "predict", folder / "run" / "model.astro", folder / "test.csv", "--out",
                    folder / "predicted.csv", "--threads", "1", "--quiet"], check=True, capture_output=True, text=True)
    found = predictions_of_csv(folder / "predicted.csv")
    return (found if table.kind == "regression" else found[sorted(found.columns, key=int)]).to_numpy()


def predict(arguments, table, tool, fold, folder):
    judged = table.fold == fold
    if tool == "plain":
        return predict_plain(arguments, table, folder)[judged]
    frame, y = frame_of(table), target_of(table)
    train, test = frame[~judged], frame[judged]
    if tool in RIVALS:
        import rivals
        return rivals.predict(tool, table.kind, train, y[~judged], test)
    return predict_run(arguments, table, tool, train.assign(y=y[~judged]), test.assign(y=y[judged]), folder)


def measure(arguments, results, table, tool, fold):
    """The score of one contestant on one fold; its predictions stay in the work folder for paired differences."""
    key, folder = f"{table.name}/{tool}/{fold}", arguments.work / table.name
    kept = folder / f"{tool}-{fold}.npy"
    if key in results:
        return
    try:
        out = predict(arguments, table, tool, fold, folder / f"{tool}-{fold}")
    except subprocess.CalledProcessError as failure:
        print(f"{key}: {failure}\n{failure.stderr}", file=sys.stderr, flush=True)  # tried again next time
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.save(kept, out)
    shutil.rmtree(folder / f"{tool}-{fold}", ignore_errors=True)
    judged = table.fold == fold
    results[key] = score(METRICS[table.kind], target_of(table)[judged].reset_index(drop=True), with_names(table, out))
    print(key, f"{results[key]:.6g}", flush=True)


def compare(arguments, results, table, fold):
    """Paired differences of contestants whose predictions are there."""
    judged = target_of(table)[table.fold == fold].reset_index(drop=True)
    for ours, others in COMPARED.items():
        for other in others:
            key = f"{table.name}/{ours} - {other}/{fold}"
            kept = [arguments.work / table.name / f"{tool}-{fold}.npy" for tool in (ours, other)]
            if key not in results and all(path.exists() for path in kept):
                pair = [with_names(table, np.load(path)) for path in kept]
                results[key] = difference(METRICS[table.kind], judged, *pair)


def loss_of(kind, value):
    return 1 - value if kind == "binary" else value


def mean_losses(results, tools):
    """{table: mean loss of the folds of each tool}, of tables that all tools have finished."""
    found = {}
    for name in TABLES:
        keys = [[f"{name}/{tool}/{fold}" for fold in range(tables.FOLDS)] for tool in tools]
        if all(key in results for group in keys for key in group):
            kind = tables.SPECS[name].kind
            found[name] = [float(np.mean([loss_of(kind, results[key]) for key in group])) for group in keys]
    return found


def advantage(results, name, ours, other):
    """Mean over the folds, and half of its 95 % interval."""
    found = [results[f"{name}/{ours} - {other}/{fold}"] for fold in range(tables.FOLDS)]
    error = np.sqrt(np.sum([d["standard_error"] ** 2 for d in found])) / len(found)
    return float(np.mean([d["advantage"] for d in found])), 1.96 * error


def ranks_of(results, tools):
    losses = mean_losses(results, tools)
    if not losses or len(tools) < 2:
        return ""
    ranks = np.mean([scipy.stats.rankdata(row) for row in losses.values()], axis=0)
    return f"mean ranks on {len(losses)}: " + ", ".join(f"{tool} {rank:.2f}" for tool, rank in zip(tools, ranks))


def row_of(results, name, ours):
    """The cells of one table; a contestant that has not finished it has none."""
    losses = {tool: mean_losses(results, [tool]).get(name) for tool in [ours, *COMPARED[ours]]}
    cells = [name, {"binary": "1 - AUC", "multiclass": "log loss", "regression": "RMSE"}[tables.SPECS[name].kind]]
    cells += [f"{value[0]:.5g}" if value else "" for value in losses.values()]
    for other in COMPARED[ours]:
        ahead, half = advantage(results, name, ours, other) if losses[other] else (0, 0)
        cells.append(f"{ahead:+.3g} ± {half:.2g}{verdict_of(ahead, half)}" if losses[other] else "")
    return "| " + " | ".join(cells) + " |"


def verdict_of(ahead, half):
    return " better" if ahead > half else " worse" if ahead < -half else ""


def pair_of(results, ours, other):
    """How often ours is better or worse beyond the interval, and the mean ratio of the losses over tables."""
    losses = mean_losses(results, [ours, other])
    verdicts = [verdict_of(*advantage(results, name, ours, other)) for name in losses]
    ratio = np.log([row[0] / row[1] for row in losses.values()])
    half = scipy.stats.t.ppf(0.975, len(ratio) - 1) * scipy.stats.sem(ratio) if len(ratio) > 1 else np.nan
    mean, low, high = (100 * np.expm1(value) for value in (ratio.mean(), ratio.mean() - half, ratio.mean() + half))
    return (f"against {other} on {len(losses)}: better {verdicts.count(' better')}, worse {verdicts.count(' worse')}, tie "
            f"{verdicts.count('')}; loss in the geometric mean {mean:+.1f} % ({low:+.1f} .. {high:+.1f})")


def table_of(results, ours):
    """The Markdown table of one way of ours, its ranks and what it wins by."""
    tools = [ours, *COMPARED[ours]]
    mine = mean_losses(results, [ours])
    if not mine:
        return f"{ours}: nothing yet"
    heads = ["table", "loss", *tools, *(f"ahead of {other}" for other in COMPARED[ours])]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += [row_of(results, name, ours) for name in mine]
    lines += ["", ranks_of(results, tools), ranks_of(results, [tool for tool in tools if tool != "catboost"])]
    lines += [pair_of(results, ours, other) for other in COMPARED[ours] if mean_losses(results, [ours, other])]
    return "\n".join(lines)


def write_results(path, results):
    part = path.with_suffix(".part")
    part.write_text(json.dumps(dict(sorted(results.items())), indent=0) + "\n")
    os.replace(part, path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path, help="astrolabe, for run and minute")
    parser.add_argument("--fitter", type=pathlib.Path, help="astrolabe_bench_trees, for plain")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with tabular/")
    parser.add_argument("--work", type=pathlib.Path, default="build/trees_vs_rivals", help="predictions")
    parser.add_argument("--results", type=pathlib.Path, default=HERE / "results.json")
    parser.add_argument("--tools", default=",".join([*RIVALS, *DEFAULTS]), help="minute is not among the usual ones")
    parser.add_argument("--only", default=",".join(TABLES))
    parser.add_argument("--folds", type=int, default=tables.FOLDS)
    parser.add_argument("--seconds", type=int, default=60, help="of minute")
    parser.add_argument("--again", action="store_true", help="forget what the tools scored")
    parser.add_argument("--table", action="store_true", help="run nothing")
    arguments = parser.parse_args()
    results = json.loads(arguments.results.read_text()) if arguments.results.exists() else {}
    tools, names = arguments.tools.split(","), [] if arguments.table else arguments.only.split(",")
    if arguments.again:
        gone = lambda key: key.split("/")[0] in names and set(key.split("/")[1].split(" - ")) & set(tools)  # noqa: E731
        results = {key: value for key, value in results.items() if not gone(key)}
    for tool in tools:
        for name in names:
            table = load(name, arguments.data)
            for fold in range(arguments.folds):
                measure(arguments, results, table, tool, fold)
                compare(arguments, results, table, fold)
                write_results(arguments.results, results)
    for ours in COMPARED:
        print(table_of(results, ours), end="\n\n")


if __name__ == "__main__":
    main()
