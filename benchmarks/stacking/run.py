# SPDX-License-Identifier: Apache-2.0
"""A second level or the greedy mean? The same trials with --stack on and off; the scores are of a test file.

    ./dev bench stacking                          # goes on where results.json ends
    benchmarks/stacking/run.sh --table            # runs nothing, prints the table of what is there

Without a clock both searches are the same, bit for bit, so that where no stack ships both models are one and only one run is made.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "trees_vs_lightgbm"))
sys.path.insert(0, str(HERE.parent / "automl_vs_flaml"))
from score import difference, predictions_of_csv  # noqa: E402
from tables import SPECS  # noqa: E402

# Named before the first run.
TABLES = ["phoneme", "wine_quality", "kin8nm", "adult", "letter", "california", "bank-full", "covertype_20k", "bike_sharing",
          "connect-4", "diamonds", "protein"]
METRICS = {"binary": "auc", "multiclass": "log_loss", "regression": "rmse"}


def write_parts(name, arguments, folder, seed):
    spec = SPECS[name]
    frame = pd.read_csv(arguments.data / "tabular" / spec.file, **spec.read)
    target = frame.columns[spec.target] if isinstance(spec.target, int) else spec.target
    y = frame[target]
    frame = frame.drop(columns=[target, *spec.drop])
    frame.columns = [f"c{i}" for i in range(frame.shape[1])]
    frame["y"] = y
    order = np.random.default_rng(seed).permutation(len(frame))
    train = min(arguments.rows, len(frame) // 2)
    part, test = frame.iloc[order[:train]], frame.iloc[order[train:train + 20_000]]
    part.to_csv(folder / "train.csv", index=False)
    test[test["y"].isin(part["y"].unique()) | (spec.kind == "regression")].to_csv(folder / "test.csv", index=False)


def measure(name, stack, arguments, folder, seed):
    kind = SPECS[name].kind
    out = folder / f"stack-{stack}"
    done = subprocess.run([arguments.program, "run", folder / "train.csv", "--target", "y", "--task", kind, "--metric",
                           METRICS[kind], "--test", folder / "test.csv", "--trials", str(arguments.trials), "--stack", stack,
                           "--threads", "1", "--seed", str(seed), "--out", out, "--json", "--quiet"],
                          capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    predictions = folder / f"{stack}.csv"
    subprocess.run([arguments.program, "predict", out / "model.astro", folder / "test.csv", "--out", predictions,
                    "--threads", "1", "--quiet"], check=True)
    said = [line for line in result["notes"] + result["warnings"] if "stack" in line]
    return {"score": result["best"]["sealed"]["score"], "system": result["best"]["system"], "said": said,
            "seconds": round(result["time_s"], 1)}, predictions


def run_one(name, arguments, seed):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        write_parts(name, arguments, folder, seed)
        on, on_file = measure(name, "on", arguments, folder, seed)
        row = {"table": name, "seed": seed, "rows": arguments.rows, "trials": arguments.trials, "on": on}
        if on["system"].startswith("stack of"):
            off, off_file = measure(name, "off", arguments, folder, seed)
            row["off"] = off
            y = pd.read_csv(folder / "test.csv")["y"]
            metric = METRICS[SPECS[name].kind]
            row |= difference(metric, y, predictions_of_csv(on_file), predictions_of_csv(off_file))
        return row


def print_table(results):
    print("| table | metric | seed | verdict | off | on | advantage | 95 % interval |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for row in results:
        name, on = row["table"], row["on"]
        cells = [name, METRICS[SPECS[name].kind], str(row["seed"]), on["said"][0] if on["said"] else "",
                 f"{row.get('off', on)['score']:.5g}", f"{on['score']:.5g}"]
        if "off" in row:
            a, e = row["advantage"], 1.96 * row["standard_error"]
            cells += [f"{a:+.3g}", f"{a - e:+.3g} .. {a + e:+.3g}"]
        else:
            cells += ["0", "the same model"]
        print("| " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--only", help="names of tables with commas between them")
    parser.add_argument("--rows", type=int, default=4000, help="to learn from")
    parser.add_argument("--trials", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--results", type=pathlib.Path, default=HERE / "results.json")
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    results = json.loads(arguments.results.read_text()) if arguments.results.exists() else []
    if arguments.table:
        print_table(results)
        return
    done = {(row["table"], row["seed"]) for row in results}
    for seed in range(1, arguments.seeds + 1):
        for name in arguments.only.split(",") if arguments.only else TABLES:
            if (name, seed) in done:
                continue
            results.append(run_one(name, arguments, seed))
            arguments.results.write_text("[\n" + ",\n".join(json.dumps(row) for row in results) + "\n]\n")
            print_table(results[-1:])


if __name__ == "__main__":
    main()
