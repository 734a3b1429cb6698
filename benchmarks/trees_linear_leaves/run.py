# SPDX-License-Identifier: Apache-2.0
"""trees with and without linear leaves on the folds of trees_vs_lightgbm. Prints a Markdown table."""
import argparse
import os
import pathlib
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "trees_vs_lightgbm"))
import run as fits  # noqa: E402
import tables  # noqa: E402

TABLES = ("california,diamonds,bike_sharing,ames_housing,boston,abalone,kin8nm,power_plant,"
          "adult,bank-full,credit-g,phoneme,higgs_7k,telco_churn,segment,wine_quality").split(",")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="astrolabe_bench_trees")
    parser.add_argument("--data", default=os.environ.get("ASTROLABE_DATA"), type=pathlib.Path)
    parser.add_argument("--only", default=",".join(TABLES), help="comma-separated table names")
    parser.add_argument("--watch", type=float, default=0.2, help="share of the rows that say when to stop; 0: none")
    parser.add_argument("--l2", default="10", help="comma-separated values of linear_l2")
    parser.add_argument("settings", nargs="*", help="NAME=VALUE for all fits")
    arguments = parser.parse_args()
    variants = {"constant": []}
    for l2 in arguments.l2.split(","):
        variants[f"linear, l2 {l2}"] = ["linear_leaves=true", f"linear_l2={l2}"]
    print("| table | metric | " + " | ".join(variants) + " | rounds | processor s |")
    print("|---" * (len(variants) + 4) + "|")
    ratios = {name: [] for name in variants}
    for name in arguments.only.split(","):
        table = tables.load(name, arguments.data)
        losses, rounds, seconds = [], [], []
        with tempfile.TemporaryDirectory() as folder:
            for variant, own in variants.items():
                out, fit_s, found = fits.run_trees(table, 1, arguments.program, pathlib.Path(folder),
                                                   arguments.watch, [*own, *arguments.settings])
                losses.append(float(np.mean(fits.fold_losses(table, out))))
                rounds.append(str(found))
                seconds.append(f"{fit_s:.2f}")
                ratios[variant].append(losses[-1] / losses[0])
        metric = {"binary": "1 - AUC", "multiclass": "log loss", "regression": "RMSE"}[table.kind]
        print(f"| {name} | {metric} | " + " | ".join(f"{loss:.5g}" for loss in losses) +
              f" | {', '.join(rounds)} | {', '.join(seconds)} |", flush=True)
    for variant, of_tables in ratios.items():
        better = sum(ratio < 1 for ratio in of_tables)
        print(f"{variant}: {np.exp(np.mean(np.log(of_tables))):.4f} of the loss of constant leaves, better on {better} "
              f"of {len(of_tables)}")


if __name__ == "__main__":
    main()
