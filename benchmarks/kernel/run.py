#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kernel ridge regression by random features: astrolabe's `kernel` against scikit-learn's RBFSampler and Ridge."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

RIVAL = """
import json, sys, time
import numpy as np
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import Ridge
rows, columns, path, components, gamma, alpha = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), float(sys.argv[5]), float(sys.argv[6])
raw = np.fromfile(path, np.float32)
x, y = raw[:rows * columns].reshape(rows, columns), raw[rows * columns:]
fitted = rows // 10 * 9
wall, processor = time.perf_counter(), time.process_time()
sampler = RBFSampler(gamma=gamma, n_components=components, random_state=1)
ridge = Ridge(alpha=alpha).fit(sampler.fit_transform(x[:fitted]), y[:fitted])
wall, processor = time.perf_counter() - wall, time.process_time() - processor
rest = ridge.predict(sampler.transform(x[fitted:])) - y[fitted:]
import resource
print(json.dumps({"wall": wall, "processor": processor, "rmse": float(np.sqrt(np.mean(rest ** 2))),
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
"""


def write_rows(path, rows, data):
    """The table of higgs_like.py, standardised, as raw numbers."""
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        table = pathlib.Path(folder) / "t.npz"
        subprocess.run([sys.executable, data / "higgs_like.py", str(rows), table], check=True)
        loaded = np.load(table)
        x = loaded["X"]
        x = ((x - x.mean(0)) / x.std(0)).clip(-10, 10).astype(np.float32)
        with path.open("wb") as file:
            x.tofile(file)
            loaded["y"].astype(np.float32).tofile(file)
    return x.shape[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--components", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--penalty", type=float, default=1e-5)
    options = parser.parse_args()
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": str(options.threads)}
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        environment.pop(name, None)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "rows"
        columns = write_rows(path, options.rows, pathlib.Path(os.environ["ASTROLABE_DATA"]))

        def ours(features="random", penalty=options.penalty):
            command = [options.program, options.rows, columns, path, options.threads, options.components, features, 1, penalty]
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True)
            return json.loads(done.stdout)

        def theirs(gamma):
            command = [sys.executable, "-c", RIVAL, options.rows, columns, path, options.components, gamma,
                       options.penalty * (options.rows // 10 * 9)]
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True, env=environment)
            return json.loads(done.stdout)

        for repeat in range(options.repeats):
            mine = ours()
            length = float(mine["summary"].split("of the median ")[1].split(",")[0])
            rival = theirs(1 / (2 * length * length))
            print(repeat, "astrolabe", {key: mine[key] for key in ("wall", "processor", "rmse", "peak_mb")})
            print(repeat, "scikit-learn", rival, "ratio wall %.3f processor %.3f"
                  % (mine["wall"] / rival["wall"], mine["processor"] / rival["processor"]), flush=True)
        chosen = ours("auto", 0)
        print("astrolabe, orthogonal, penalty chosen", chosen, time.strftime("%F"))


if __name__ == "__main__":
    main()
