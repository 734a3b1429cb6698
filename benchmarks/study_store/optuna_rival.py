# SPDX-License-Identifier: Apache-2.0
"""Optuna's RDB storage on SQLite: optuna_rival.py FILE SECONDS PROCESSES prints trials, seconds and errors.

A trial is ask() with ten parameters (six floats, four choices, drawn at random) and tell().
"""

import multiprocessing
import os
import sys
import time

import optuna

FLOATS = {f"x{i}": optuna.distributions.FloatDistribution(0, 1) for i in range(6)}
CHOICES = {f"c{i}": optuna.distributions.CategoricalDistribution(["0", "1", "2", "3"]) for i in range(4)}


def work(url: str, seconds: float, seed: int, tallies: "multiprocessing.Queue[tuple[int, int]]") -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.load_study(study_name="bench", storage=url, sampler=optuna.samplers.RandomSampler(seed=seed))
    trials = errors = 0
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        try:
            trial = study.ask(FLOATS | CHOICES)
            study.tell(trial, 0.5)
            trials += 1
        except Exception as error:  # noqa: BLE001: whatever it is, it is counted
            errors += 1
            print(f"{type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
    tallies.put((trials, errors))


def main() -> int:
    file, seconds, processes = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    url = f"sqlite:///{os.path.abspath(file)}"
    study = optuna.create_study(study_name="bench", storage=url)
    context = multiprocessing.get_context("spawn")
    tallies: "multiprocessing.Queue[tuple[int, int]]" = context.Queue()
    workers = [context.Process(target=work, args=(url, seconds, seed, tallies)) for seed in range(processes)]
    for worker in workers:
        worker.start()
    found = [tallies.get() for _ in workers]
    for worker in workers:
        worker.join()
    trials = sum(done for done, _ in found)
    kept = len(study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,)))
    if kept != trials:
        print(f"acknowledged {trials}, kept {kept}", file=sys.stderr)
        return 1
    print(f"trials {trials}\nseconds {seconds}\nerrors {sum(errors for _, errors in found)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
