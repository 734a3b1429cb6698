# SPDX-License-Identifier: Apache-2.0
"""Ten shared tables, two folds, two minutes each: `astrolabe run` and FLAML on the same files, one thread, one at a time.

    ./dev bench automl_vs_flaml                 # goes on where results.json ends
    benchmarks/automl_vs_flaml/run.sh --table   # runs nothing, prints the table of what is there
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time

import numpy as np
import pandas as pd

from score import difference, predictions_of_csv, score

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "trees_vs_lightgbm"))
from tables import SPECS  # noqa: E402

# Chosen before any run of this benchmark: at most 60,000 rows, kinds in turn.
TABLES = ["phoneme", "california", "wine_quality", "adult", "bike_sharing", "covertype_20k", "bank-full", "diamonds",
          "splice", "credit-g"]
METRICS = {"binary": "auc", "multiclass": "log_loss", "regression": "rmse"}
FOLDS = 2
SEED = 1
TOOLS = ["astrolabe", "flaml"]


def make_folds(y, kind):
    """Which fold judges a row: shuffled by a fixed seed, stratified by class."""
    order = np.random.default_rng(2026).permutation(len(y))
    if kind != "regression":
        order = order[np.argsort(y.astype(str).to_numpy()[order], kind="stable")]
    fold = np.empty(len(y), np.int32)
    fold[order] = np.arange(len(y)) % FOLDS
    return fold


def write_fold(name, fold, data, folder):
    """train.csv and test.csv, which both contestants read. Columns are c0, c1, ..., the target is y."""
    spec = SPECS[name]
    frame = pd.read_csv(data / "tabular" / spec.file, **spec.read)
    target = frame.columns[spec.target] if isinstance(spec.target, int) else spec.target
    y = frame[target]
    frame = frame.drop(columns=[target, *spec.drop])
    frame.columns = [f"c{i}" for i in range(frame.shape[1])]
    frame["y"] = y
    judged = make_folds(y, spec.kind) == fold
    folder.mkdir(parents=True, exist_ok=True)
    frame[~judged].to_csv(folder / "train.csv", index=False)
    frame[judged].to_csv(folder / "test.csv", index=False)


def run_astrolabe(arguments, kind, folder):
    """One timed run; its facts, and its predictions in astrolabe.csv."""
    out = folder / "run"
    shutil.rmtree(out, ignore_errors=True)
    command = [arguments.program, "run", folder / "train.csv", "--target", "y", "--task", kind,
               "--metric", METRICS[kind], "--test", folder / "test.csv", "--time", f"{arguments.seconds}s",
               "--threads", "1", "--seed", SEED, "--out", out, "--json", "--quiet"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True,
                          timeout=arguments.seconds + 600)
    result = json.loads(done.stdout)
    subprocess.run([arguments.program, "predict", out / "model.astro", folder / "test.csv", "--out",
                    folder / "astrolabe.csv", "--threads", "1", "--quiet"], check=True)
    return {"own_score": result["best"]["sealed"]["score"], "own_time_s": round(result["time_s"], 1),
            "best": result["best"]["system"]}


def run_flaml(arguments, kind, folder):
    """The same for FLAML, in a process of its own."""
    done = subprocess.run([sys.executable, HERE / "flaml_rival.py", "--folder", folder, "--kind", kind,
                           "--seconds", str(arguments.seconds), "--seed", str(SEED)],
                          capture_output=True, text=True, check=True, timeout=arguments.seconds + 600,
                          cwd=folder)  # CatBoost leaves folders where it runs
    return json.loads(done.stdout.strip().splitlines()[-1])


def run_one(arguments, name, fold, tool):
    kind = SPECS[name].kind
    folder = arguments.work / f"{name}-{fold}"
    if not (folder / "test.csv").exists():
        write_fold(name, fold, arguments.data, folder)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    facts = (run_astrolabe if tool == "astrolabe" else run_flaml)(arguments, kind, folder)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - start
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    y = pd.read_csv(folder / "test.csv")["y"]
    judged = score(METRICS[kind], y, predictions_of_csv(folder / f"{tool}.csv"))
    return {"score": judged, "wall_s": round(wall, 1), "processor_s": round(processor, 1)} | facts


def compare(arguments, results, name, fold):
    """Adds the paired difference of a fold that both contestants have finished."""
    key = f"{name}/{fold}/difference"
    if key in results or any(f"{name}/{fold}/{tool}" not in results for tool in TOOLS):
        return
    folder = arguments.work / f"{name}-{fold}"
    y = pd.read_csv(folder / "test.csv")["y"]
    ours, theirs = (predictions_of_csv(folder / f"{tool}.csv") for tool in TOOLS)
    results[key] = difference(METRICS[SPECS[name].kind], y, ours, theirs)


def table_of(results):
    """The Markdown table, and how many were better, worse, tied."""
    heads = ["table", "metric", "folds", "astrolabe", "FLAML", "advantage", "95 % interval", "verdict", "ours", "theirs"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    counts = {"better": 0, "tie": 0, "worse": 0}
    for name in TABLES:
        folds = [fold for fold in range(FOLDS) if f"{name}/{fold}/difference" in results]
        if not folds:
            continue
        ours, theirs = ([results[f"{name}/{fold}/{tool}"] for fold in folds] for tool in TOOLS)
        found = [results[f"{name}/{fold}/difference"] for fold in folds]
        advantage = np.mean([d["advantage"] for d in found])
        error = np.sqrt(np.sum([d["standard_error"] ** 2 for d in found])) / len(found)
        low, high = advantage - 1.96 * error, advantage + 1.96 * error
        verdict = "better" if low > 0 else "worse" if high < 0 else "tie"
        counts[verdict] += 1
        means = [np.mean([run["score"] for run in runs]) for runs in (ours, theirs)]
        cells = [name, METRICS[SPECS[name].kind], f"{len(folds)}", f"{means[0]:.5g}", f"{means[1]:.5g}",
                 f"{advantage:+.3g}", f"{low:+.3g} .. {high:+.3g}", verdict, "; ".join(run["best"] for run in ours),
                 "; ".join(run["best"] for run in theirs)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n\n" + ", ".join(f"{kind} {count}" for kind, count in counts.items())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with tabular/")
    parser.add_argument("--work", type=pathlib.Path, default="build/automl_vs_flaml", help="folds, runs, predictions")
    parser.add_argument("--results", type=pathlib.Path, default=HERE / "results.json")
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--only", default=",".join(TABLES))
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--tools", default=",".join(TOOLS))
    parser.add_argument("--table", action="store_true", help="run nothing")
    arguments = parser.parse_args()
    arguments.program, arguments.work = arguments.program.resolve(), arguments.work.resolve()
    results = json.loads(arguments.results.read_text()) if arguments.results.exists() else {}
    todo = [(name, fold) for fold in range(arguments.folds) for name in arguments.only.split(",")]
    for place, (name, fold) in enumerate([] if arguments.table else todo):
        for tool in TOOLS if place % 2 == 0 else reversed(TOOLS):
            key = f"{name}/{fold}/{tool}"
            if key in results or tool not in arguments.tools.split(","):
                continue
            try:
                results[key] = run_one(arguments, name, fold, tool)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
                print(f"{key}: {failure}\n{failure.stderr}", file=sys.stderr, flush=True)  # tried again next time
                continue
            print(key, json.dumps(results[key]), flush=True)
            write_results(arguments.results, results)
        compare(arguments, results, name, fold)
        write_results(arguments.results, results)
        print(f"{name}/{fold}", results.get(f"{name}/{fold}/difference"), flush=True)
    print(table_of(results))


def write_results(path, results):
    part = path.with_suffix(".part")
    part.write_text(json.dumps(results, indent=1) + "\n")
    os.replace(part, path)


if __name__ == "__main__":
    main()
