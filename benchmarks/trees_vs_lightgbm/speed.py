# SPDX-License-Identifier: Apache-2.0
"""trees against lightgbm at the same settings, interleaved: time to bin and train, memory on top of the data, AUC."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import lightgbm
import numpy as np
import scipy.sparse

import run
import tables

CONFIGS = {
    "depth 6": ({"max_depth": 6, "num_leaves": 64}, ["growth=depth_wise", "max_depth=6", "max_leaves=64"]),
    "depth 8": ({"max_depth": 8, "num_leaves": 256}, ["growth=depth_wise", "max_depth=8", "max_leaves=256"]),
    "31 leaves": ({"num_leaves": 31}, ["max_leaves=31"]),
    "255 leaves": ({"num_leaves": 255}, ["max_leaves=255"]),
}
SHARED = ["rounds=100", "learning_rate=0.1", "column_sample=1", "l2=0", "min_rows=20"]
DATA = ("numeric", "missing", "categorical", "sparse", "one-hot")
SPARSE = ("sparse", "one-hot")  # 1,000 columns, handed over as such: 1 % of the cells, or 20 categories of 50 values
CATEGORICAL = 8  # columns, of 20 categories each


def make_sparse(rows, data):
    random = np.random.default_rng(2)
    if data == "sparse":
        x = np.where(random.random((rows, 1000), np.float32) < 0.01, random.lognormal(0, 1, (rows, 1000)), 0)
    else:
        x = np.zeros((rows, 1000))
        for first in range(0, 1000, 50):
            x[np.arange(rows), first + np.minimum(random.geometric(0.08, rows) - 1, 49)] = 1
    z = x @ random.normal(0, 1, 1000) + np.sin(3 * x[:, :100].sum(1))
    y = (random.random(rows) < 1 / (1 + np.exp(-1.5 * (z - z.mean()) / z.std()))).astype(np.float64)
    return x.astype(np.float32), y


def make_table(folder, script, rows, data):
    """The table, its training rows first; what is missing or a category is taken from the numbers themselves."""
    test_rows = max(rows // 5, 2000)
    if data in SPARSE:
        x, y = make_sparse(rows + test_rows, data)
        fold = np.where(np.arange(len(y)) < rows, 1, 0).astype(np.int32)
        return tables.Table(data, "binary", x, np.zeros(1000, np.int32), y, fold, 2)
    made = folder / f"{rows}.npz"
    if not made.exists():
        subprocess.run([sys.executable, script, str(rows + test_rows), made], check=True)
    arrays = np.load(made)
    x, y = arrays["X"], arrays["y"].astype(np.float64)
    random = np.random.default_rng(1)
    categories = np.zeros(x.shape[1], np.int32)
    if data == "missing":
        x[random.random(x.shape) < 0.2] = np.nan
    if data == "categorical":
        for column in range(0, 3 * CATEGORICAL, 3):
            order = random.permutation(20)
            cuts = np.quantile(x[:, column], np.arange(1, 20) / 20)
            x[:, column] = order[np.searchsorted(cuts, x[:, column])]
            categories[column] = 20
    # Fold 0 is the test part; the rows of no fold are always trained on.
    fold = np.where(np.arange(len(y)) < rows, 1, 0).astype(np.int32)
    return tables.Table("higgs_like", "binary", x, categories, y, fold, 2)


def peak_bytes():
    status = pathlib.Path("/proc/self/status").read_text()
    return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("Vm")}


def run_lightgbm(arguments):
    """One fit in this process, told as JSON."""
    arrays = np.load(arguments.lightgbm_on)
    x, y, rows = arrays["x"], arrays["y"], int(arrays["rows"])
    if arguments.sparse:
        x = scipy.sparse.csr_matrix(x)
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    before = peak_bytes()["VmRSS"]
    begin, begin_wall = time.process_time(), time.perf_counter()
    model = lightgbm.LGBMClassifier(n_jobs=arguments.threads[0], verbosity=-1, **CONFIGS[arguments.only[0]][0])
    model.fit(x[:rows], y[:rows], categorical_feature=np.flatnonzero(arrays["categories"]).tolist() or "auto")
    told = {"fit_cpu_s": time.process_time() - begin, "fit_s": time.perf_counter() - begin_wall,
            "peak_bytes": peak_bytes()["VmHWM"] - before}
    told["p"] = model.predict_proba(x[rows:])[:, 1].tolist()
    print(json.dumps(told))


def compare(table, rows, config, threads, folder, arguments):
    path, out, arrays = folder / "table.bin", folder / "out.bin", folder / "arrays.npz"
    told = {"lightgbm": [], "trees": []}
    command = {"lightgbm": [sys.executable, __file__, "--lightgbm-on", arrays, "--only", config, "--threads", str(threads),
                            *(["--sparse"] if table.name in SPARSE else [])],
               "trees": [arguments.program, *(["--sparse"] if table.name in SPARSE else []), path, out, str(threads), "0", *SHARED, *CONFIGS[config][1]]}
    for _ in range(arguments.repeats):
        for who, words in command.items():
            told[who].append(json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout))

    def median(who, name):
        return statistics.median(one[name] for one in told[who])

    ours = np.fromfile(out)[rows:]
    auc = [1 - run.mean_loss(table, table.y[rows:], np.asarray(p)) for p in (told["lightgbm"][-1]["p"], ours)]
    cpu = [median(who, "fit_cpu_s") for who in told]
    wall = [median(who, "fit_s") for who in told]
    memory = [median(who, "peak_bytes") / 2**20 for who in told]
    print(f"{rows} | {config} | {threads} | {cpu[0]:.2f} | {cpu[1]:.2f} | {cpu[1] / cpu[0]:.2f} | {wall[1] / wall[0]:.2f} | "
          f"{memory[0]:.0f} | {memory[1]:.0f} | {auc[0]:.5f} | {auc[1]:.5f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", help="astrolabe_bench_trees")
    parser.add_argument("--data", default=os.environ.get("ASTROLABE_DATA"), type=pathlib.Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--tables", nargs="+", default=["numeric"], choices=DATA, help="20 %% missing; 8 categorical columns; 1,000 sparse ones")
    parser.add_argument("--threads", type=int, nargs="+", default=[1], help="1 keeps waiting threads out of the processor seconds")
    parser.add_argument("--only", nargs="+", default=list(CONFIGS), choices=CONFIGS)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--lightgbm-on", help=argparse.SUPPRESS)
    parser.add_argument("--sparse", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.lightgbm_on:
        run_lightgbm(arguments)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        tables.FOLDS = 1
        print("| table | rows | config | threads | lightgbm cpu s | trees cpu s | trees / lightgbm | by the clock | lightgbm MB | trees MB | "
              "AUC lightgbm | AUC trees |")
        print("|---" * 12 + "|")
        for rows in arguments.rows:
            for data in arguments.tables:
                table = make_table(folder, arguments.data / "higgs_like.py", rows, data)
                table.write(folder / "table.bin")
                np.savez(folder / "arrays.npz", x=table.x, y=table.y, rows=rows, categories=table.categories)
                for config in arguments.only:
                    for threads in arguments.threads:
                        print(f"| {data} | ", end="", flush=True)
                        compare(table, rows, config, threads, folder, arguments)


if __name__ == "__main__":
    main()
