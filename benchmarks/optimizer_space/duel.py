#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""duel.py OUT PROGRAM [--core N]: the best of the race in OUT against the familiar optimizers, under equal tuning.

1. tuned:  the 40 best of the race and the rivals, eight learning rates each, on digits with other folds.
2. select: the ten best of the 40 and the rivals, 8 rates times 4 weight decays each, by five folds of one half of every table.
3. judge:  each with its own best setting, five folds of the other half, four seeds.

Runs that have ended are not repeated. report.py prints what they found.
"""

import argparse
import dataclasses
import pathlib
import shutil
import subprocess
import sys

from studies import Study, best_of

FINALISTS, CANDIDATES = 40, 10
RATES = "0.0003,0.001,0.003,0.01,0.03,0.1,0.3,1"
DECAYS = "0,0.003,0.03,0.3"
SEEDS = (11, 12, 13, 14)
RIVALS = ("adamw", "adam", "nadam", "rmsprop", "momentum", "sgd", "lion", "addsign", "powersign")
NET = ["--learner", "mlp", "--architecture", "32", "--batch-size", "64", "--mlp-numeric-embedding", "none", "--mlp-dropout", "0"]
TABLES = {  # what a run must know beside the half
    "digits": ["--target", "target"],
    "phoneme": ["--no-header", "--target", "6", "--metric", "log_loss"],
    "california": ["--target", "MedHouseVal"],
}


@dataclasses.dataclass
class Runner:
    program: str
    core: str

    def run(self, out: pathlib.Path, table: pathlib.Path | str, options: list[str], trials: int, seed: int) -> Study:
        """A run without a clock; what ended before is read, not repeated."""
        if not (out / "report.html").exists():
            shutil.rmtree(out, ignore_errors=True)
            out.parent.mkdir(parents=True, exist_ok=True)
            command = ["taskset", "-c", self.core, self.program, "run", str(table), *options, *NET, "--proposer", "enumeration"]
            command += ["--pruner", "none", "--trials", str(trials), "--threads", "1", "--seed", str(seed), "--out", str(out)]
            with open(out.with_suffix(".txt"), "w", encoding="utf-8") as log:
                subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=True)
        return Study(out)


def tune(runner: Runner, out: pathlib.Path) -> list[str]:
    """The formulas of the candidates, best first."""
    finalists = Study(out / "digits").best(FINALISTS)
    contenders = {f"{place:02}": trial.formula for place, trial in enumerate(finalists, 1)} | {name: name for name in RIVALS}
    for name, formula in contenders.items():
        options = [*TABLES["digits"], "--optimizer", formula, "--weight-decay", "0", "--mlp-learning-rate", RATES]
        runner.run(out / "tuned" / name, "build/demo/digits.csv", options, 8, 2)
    return [finalists[int(name) - 1].formula for name in tuned_order(out) if name not in RIVALS][:CANDIDATES]


def tuned_order(out: pathlib.Path) -> list[str]:
    """Places in the race, from 01, and names of rivals, all at their best rate: the best first."""
    found = [(best_of(Study(folder)).cost, folder.name) for folder in (out / "tuned").iterdir() if folder.is_dir()]
    return [name for _, name in sorted(found)]


def duel(runner: Runner, out: pathlib.Path, candidates: list[str]) -> None:
    contenders = {f"candidate_{place:02}": formula for place, formula in enumerate(candidates, 1)}
    contenders |= {name: name for name in RIVALS}
    for table, about in TABLES.items():
        a, b = out / f"{table}_a.csv", out / f"{table}_b.csv"
        for name, formula in contenders.items():
            # Rows of its own to be tested on, so that a small half is not searched five times over.
            options = [*about, "--test", str(b), "--optimizer", formula, "--mlp-learning-rate", RATES, "--weight-decay", DECAYS]
            best = best_of(runner.run(out / "select" / table / name, a, options, 32, 1))
            chosen = ["--mlp-learning-rate", best.point["learning_rate"], "--weight-decay", best.point["weight_decay"]]
            for seed in SEEDS:
                options = [*about, "--test", str(a), "--optimizer", formula, *chosen]
                runner.run(out / "judge" / table / name / str(seed), b, options, 1, seed)
        print(f"{table}: done", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("program")
    parser.add_argument("--core", default="0")
    arguments = parser.parse_args()
    runner = Runner(arguments.program, arguments.core)
    duel(runner, arguments.out, tune(runner, arguments.out))


if __name__ == "__main__":
    main()
