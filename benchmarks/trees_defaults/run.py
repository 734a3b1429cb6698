# SPDX-License-Identifier: Apache-2.0
"""Settings of trees on the tables where they may be tuned, against the defaults of the program. Goes on where results.csv ends.

    benchmarks/trees_defaults/run.sh "learning_rate=0.04" "max_leaves=15 min_rows=10"   # one argument is one candidate
    benchmarks/trees_defaults/run.sh --table --modes watch --base "learning_rate=0.08 min_rows=20 l2=3"   # runs nothing
"""
import argparse
import csv
import pathlib
import subprocess
import sys

import numpy as np

import problems

sys.path.insert(0, str(problems.HERE.parent / "trees_vs_lightgbm"))
from run import fold_losses  # noqa: E402

MODES = {"plain": "0", "watch": "0.2"}  # no early stopping; a fifth of the rows finds the rounds, then a fit of all
GROUPS = {"below 1,000": (0, 1000), "1,000 to 4,000": (1000, 4000), "above 4,000": (4000, 10**9)}  # training rows


class Runner:
    def __init__(self, arguments):
        self.arguments = arguments
        self.tables = {}
        self.results = {}  # (problem, mode, candidate): (training rows, loss, processor seconds)
        if arguments.results.exists():
            for row in csv.reader(arguments.results.open()):
                self.results[tuple(row[:3])] = (int(row[3]), float(row[4]), float(row[5]))

    def measure(self, name, mode, candidate):
        key = (name, mode, candidate)
        if key in self.results:
            return self.results[key]
        folder = self.arguments.work
        folder.mkdir(parents=True, exist_ok=True)
        if name not in self.tables:
            self.tables[name] = problems.PROBLEMS[name](self.arguments.data)
        table = self.tables[name]
        path, out = folder / f"{name}.bin", folder / "out.bin"
        if not path.exists():
            table.write(path)
        command = [self.arguments.program, path, out, "1", MODES[mode], *candidate.split()]
        done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
        seconds = sum(float(line.split('"fit_cpu_s": ')[1].split(",")[0]) for line in done.stdout.splitlines())
        loss = float(np.mean(fold_losses(table, np.fromfile(out).reshape(len(table.y), -1))))
        self.results[key] = (len(table.y) * 2 // 3, loss, seconds)
        with self.arguments.results.open("a") as file:
            csv.writer(file, lineterminator="\n").writerow([*key, self.results[key][0], f"{loss:.7g}", f"{seconds:.3g}"])
        return self.results[key]


def known(results, mode):
    """{candidate: {problem: result}} of what has been measured."""
    found = {}
    for (name, measured, candidate), result in results.items():
        if measured == mode:
            found.setdefault(candidate, {})[name] = result
    return found


def print_table(results, modes, base, only):
    """Every candidate that was measured on the same tables as the base, or on a part of them."""
    for mode in modes:
        measured = known(results, mode)
        for candidate, found in measured.items():
            if candidate != base and found.keys() <= measured.get(base, {}).keys() and (not only or candidate in only):
                words = " ".join(word for word in candidate.split() if word not in base.split()) or "by the rows"
                print(f"| {mode} | {words} | " + " | ".join(summary(found, measured[base])) + " |")


def summary(found, base):
    """Mean per cent by which the loss changes, its standard error and on how many tables it falls, by size."""
    cells = []
    for low, high in [*GROUPS.values(), (0, 10**9)]:
        names = [name for name in found if low <= found[name][0] < high]
        if not names:
            cells.append("")
            continue
        change = np.array([np.log(found[name][1] / base[name][1]) for name in names]) * 100
        error = change.std(ddof=1) / np.sqrt(len(change)) if len(change) > 1 else np.nan
        cells.append(f"{change.mean():+.2f} ± {error:.2f}, {int((change < 0).sum())}/{len(change)}")
    time = sum(row[2] for row in found.values()) / sum(base[name][2] for name in found)
    return cells + [f"{time:.2f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="astrolabe_bench_trees")
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, default="build/trees_defaults")
    parser.add_argument("--results", type=pathlib.Path, default=problems.HERE / "results.csv")
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--only", default=",".join(problems.PROBLEMS))
    parser.add_argument("--base", default="", help="the candidate that the others are compared with")
    parser.add_argument("--table", action="store_true", help="run nothing, print what is there")
    parser.add_argument("candidates", nargs="*", help="NAME=VALUE ...")
    arguments = parser.parse_args()
    runner = Runner(arguments)
    print("| mode | candidate | " + " | ".join(GROUPS) + " | all | time |\n|" + "---|" * (len(GROUPS) + 4))
    if arguments.table:
        print_table(runner.results, arguments.modes.split(","), arguments.base, arguments.candidates)
        return
    for mode in arguments.modes.split(","):
        for candidate in [arguments.base, *arguments.candidates]:
            found = {name: runner.measure(name, mode, candidate) for name in arguments.only.split(",")}
            if candidate == arguments.base:
                base = found
            else:
                print(f"| {mode} | {candidate} | " + " | ".join(summary(found, base)) + " |", flush=True)


if __name__ == "__main__":
    main()
