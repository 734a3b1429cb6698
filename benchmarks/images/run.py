# SPDX-License-Identifier: Apache-2.0
"""What reading pictures and preparing a run costs: a run of the baseline on each set, which trains nothing."""

import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time


def measure(arguments, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(arguments, cwd=folder, check=True, capture_output=True)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return processor, wall, after.ru_maxrss / 1024


def main():
    program, images = sys.argv[1], pathlib.Path(os.environ["ASTROLABE_DATA"]) / "images"
    print(f"{'set':<16} {'step':<28} {'processor s':>12} {'wall s':>8} {'peak MB':>8}")
    for name in ("mnist", "fashion-mnist", "cifar10-subset"):
        with tempfile.TemporaryDirectory() as folder:
            run = [program, "run", images / name, "--learner", "baseline", "--trials", "1", "--out", "r"]
            steps = [("run, baseline", run), ("score of the test part", [program, "score", "r/model.astro", images / name])]
            for step, arguments in steps:
                processor, wall, peak = measure(arguments, folder)
                print(f"{name:<16} {step:<28} {processor:>12.2f} {wall:>8.2f} {peak:>8.0f}", flush=True)


if __name__ == "__main__":
    main()
