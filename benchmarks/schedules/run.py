# SPDX-License-Identifier: Apache-2.0
"""Tunes the shapes of shapes.txt into a fresh database and prints the table of README.md.

    python3 benchmarks/schedules/run.py build/release/astrolabe [--time 4m]
"""

import argparse
import json
import math
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--shapes", default=str(HERE / "shapes.txt"))
    parser.add_argument("--time", default="4m")
    parser.add_argument("--seed", default="1")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [asked.program, "tune", "--shapes", asked.shapes, "--time", asked.time, "--seed", asked.seed, "--database",
             f"{folder}/schedules.db", "--json", "--quiet"], check=True, capture_output=True, text=True)
    result = json.loads(done.stdout)
    print(f"Machine: {result['machine']}\n")
    print("| shape | default | tuned | gain | schedule |\n|---|---|---|---|---|")
    for row in result["shapes"]:
        gain = row["gain"]
        name = row["shape"] if row["kind"] == "product" else f"{row['kind']} {row['where']}"
        print(f"| {name} | {row['default_gflops']:.1f} | {row['tuned_gflops']:.1f} | "
              f"{gain['score']:.3f} [{gain['low']:.3f}, {gain['high']:.3f}] | {row['words']} |")
    low = math.exp(sum(math.log(max(row["gain"]["low"], 1e-9)) for row in result["shapes"]) / len(result["shapes"]))
    print(f"\nGeometric mean of the gains: {result['mean_gain']['all']:.3f} (of their low ends {low:.3f}), "
          f"{sum(row['kept'] for row in result['shapes'])} of {len(result['shapes'])} kept.")


if __name__ == "__main__":
    main()
