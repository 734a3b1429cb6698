# SPDX-License-Identifier: Apache-2.0
"""Coverage and width of the 90 % ranges that `predict` writes, over random splits of the shared regression tables.

    ./dev bench conformal_coverage                         # goes on where results.json ends
    benchmarks/conformal_coverage/run.sh --table           # runs nothing, prints the table of what is there
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "trees_vs_lightgbm"))
from tables import SPECS, Spec  # noqa: E402

MORE = {
    "wine_quality": Spec("winequality-white.csv.gz", "regression", 11, {"header": None}),
    "nyc_taxis": Spec("nyc_taxis.csv.gz", "regression", "fare", {}, ("total",)),
    "nycflights13": Spec("nycflights13.csv.gz", "regression", "arr_delay", {}, ("arr_time", "air_time")),
    "fremtpl2freq": Spec("fremtpl2freq.csv.gz", "regression", "ClaimNb", {}, ("IDpol",)),
}
TABLES = {name: spec for name, spec in SPECS.items() if spec.kind == "regression"} | MORE
SPLITS = 20
TRAIN, TEST = 1500, 2000  # rows at most
LEVEL = 0.9
QUICK = ["--learner", "trees", "--trees-rounds", "40", "--trees-learning-rate", "0.2", "--trials", "1"]


def load(name, data):
    spec = TABLES[name]
    frame = pd.read_csv(data / "tabular" / spec.file, **spec.read)
    target = frame.columns[spec.target] if isinstance(spec.target, int) else spec.target
    y = frame[target].to_numpy(float)
    frame = frame.drop(columns=[target, *spec.drop])
    frame.columns = [f"c{i}" for i in range(frame.shape[1])]
    frame["y"] = y
    return frame[np.isfinite(y)]


def measure(program, folder, seed):
    out = folder / "run"
    shutil.rmtree(out, ignore_errors=True)
    subprocess.run([program, "run", folder / "train.csv", "--target", "y", "--task", "regression", *QUICK, "--threads", "1",
                    "--seed", str(seed), "--out", out, "--quiet"], check=True, capture_output=True)
    subprocess.run([program, "predict", out / "model.astro", folder / "test.csv", "--out", folder / "p.csv", "--threads",
                    "1", "--quiet"], check=True)
    told = pd.read_csv(folder / "p.csv")
    y = pd.read_csv(folder / "test.csv")["y"]
    width = told["high"] - told["low"]
    outside = np.maximum(0, np.maximum(told["low"] - y, y - told["high"]))
    return {"coverage": float(((y >= told["low"]) & (y <= told["high"])).mean()), "width": float(width.mean()),
            "interval_score": float((width + 2 / (1 - LEVEL) * outside).mean()),
            "adapts": bool(width.max() > 1.001 * width.min())}


def coverage_cells(coverage):
    """Mean, two standard errors of it, and whether the level lies within."""
    error = 2 * coverage.std(ddof=1) / np.sqrt(len(coverage))
    return [f"{coverage.mean():.2f} +- {error:.2f}", "yes" if abs(coverage.mean() - 100 * LEVEL) <= error else "no"]


def print_table(results):
    print("| table | coverage, % +- 2 s.e. | within | splits that adapt | mean width, before = 1 | interval score, before = 1 | "
          "coverage before, % | within |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in TABLES:
        rows = [row for row in results if row["table"] == name]
        if len(rows) < 2:
            continue

        def of(key, which="now", rows=rows):
            return np.array([row[which][key] for row in rows])

        cells = [name, *coverage_cells(100 * of("coverage")), f"{of('adapts').sum()} of {len(rows)}"]
        if all("before" in row for row in rows):
            cells += [f"{of(key).mean() / of(key, 'before').mean():.3f}" for key in ("width", "interval_score")]
            cells += coverage_cells(100 * of("coverage", "before"))
        print("| " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--before", help="an older program, for the same splits")
    parser.add_argument("--only", help="names of tables with commas between them")
    parser.add_argument("--splits", type=int, default=SPLITS)
    parser.add_argument("--results", type=pathlib.Path, default=HERE / "results.json")
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    results = json.loads(arguments.results.read_text()) if arguments.results.exists() else []
    if arguments.table:
        print_table(results)
        return
    done = {(row["table"], row["split"]) for row in results}
    for name in arguments.only.split(",") if arguments.only else TABLES:
        frame = load(name, arguments.data)
        train = min(TRAIN, len(frame) * 4 // 5)
        for split in range(arguments.splits):
            if (name, split) in done:
                continue
            order = np.random.default_rng(split).permutation(len(frame))
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                frame.iloc[order[:train]].to_csv(folder / "train.csv", index=False)
                frame.iloc[order[train:train + TEST]].to_csv(folder / "test.csv", index=False)
                row = {"table": name, "split": split, "now": measure(arguments.program, folder, split)}
                if arguments.before:
                    row["before"] = measure(arguments.before, folder, split)
            results.append(row)
            arguments.results.write_text("[\n" + ",\n".join(json.dumps(row) for row in results) + "\n]\n")
        print_table([row for row in results if row["table"] == name])


if __name__ == "__main__":
    main()
