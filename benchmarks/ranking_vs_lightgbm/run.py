# SPDX-License-Identifier: Apache-2.0
"""lambdarank of trees against that of lightgbm on made queries: NDCG@10 of other queries, seconds to fit."""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import lightgbm
import numpy as np

DOCUMENTS = 20
FEATURES = 25
SAME = ["rounds=100", "learning_rate=0.1", "column_sample=1", "l2=0", "min_rows=20", "max_leaves=31"]
# What is compared: settings of lightgbm's ranker, of trees.
CONFIGS = {
    "same settings": ({}, SAME),
    "255 leaves": ({"num_leaves": 255}, [*SAME[:-1], "max_leaves=255"]),
    "defaults": ({}, []),
    "squared": ({}, ["loss=squared"]),  # relevance as a number: what groups are worth
}


def make(queries, seed):
    """Documents of queries: features, relevance 0 to 4 within the query, query of each row; rows shuffled."""
    random = np.random.default_rng(seed)
    rows = queries * DOCUMENTS
    query = np.repeat(np.arange(queries, dtype=np.uint32), DOCUMENTS)
    x = random.normal(size=(rows, FEATURES)).astype(np.float32)
    # Some features describe the query: the same in all its documents, and the weight of others.
    x[:, :3] = np.repeat(random.normal(size=(queries, 3)), DOCUMENTS, axis=0)
    x[:, 3] = random.integers(0, 8, rows)
    x[:, 4] = np.exp(x[:, 4])
    utility = (x[:, 5] + 0.8 * np.abs(x[:, 6]) + 0.7 * x[:, 7] * x[:, 8] + (x[:, 0] > 0) * x[:, 9] - (x[:, 0] <= 0) * x[:, 10]
               + 0.6 * np.sin(2 * x[:, 11]) + 0.3 * (x[:, 3] > 5) + 0.3 * np.log(x[:, 4]) + 1.5 * x[:, 1] + random.normal(size=rows))
    # Half of what makes a document relevant is how it compares within its query, half how it compares with all.
    centred = utility - np.repeat(utility.reshape(queries, DOCUMENTS).mean(axis=1), DOCUMENTS)
    relevance = np.searchsorted([0.3, 1.2, 2.1, 3.0], 0.7 * centred + 0.3 * utility)
    order = random.permutation(rows)
    return x[order], relevance[order].astype(np.float64), query[order]


def ndcg(relevance, score, query, cutoff=10):
    discounts = 1 / np.log2(np.arange(2, cutoff + 2))
    total = []
    order = np.lexsort((-score, query))
    for rows in np.split(order, np.flatnonzero(np.diff(query[order])) + 1):
        gains = 2.0 ** relevance[rows] - 1
        best = np.sort(gains)[::-1][:cutoff]
        total.append(gains[:cutoff] @ discounts[:len(best)] / (best @ discounts[:len(best)]) if best[0] > 0 else 1.0)
    return float(np.mean(total))


def write(path, train, test):
    x, y, query = (np.concatenate(both) for both in zip(train, test))
    query[len(train[2]):] += train[2].max() + 1
    with open(path, "wb") as file:
        np.array([len(y), x.shape[1], 3, 0, 1], np.int64).tofile(file)
        np.zeros(x.shape[1], np.int32).tofile(file)
        np.where(np.arange(len(y)) < len(train[1]), 1, 0).astype(np.int32).tofile(file)
        query.tofile(file)
        y.tofile(file)
        np.ascontiguousarray(x.T).tofile(file)


def by_lightgbm(train, test, settings, threads):
    x, y, query = train
    order = np.argsort(query, kind="stable")
    sizes = np.bincount(query)
    begin, wall = time.process_time(), time.perf_counter()
    model = lightgbm.LGBMRanker(n_jobs=threads, verbosity=-1, **settings)
    model.fit(x[order], y[order].astype(int), group=sizes)
    seconds = time.process_time() - begin, time.perf_counter() - wall
    return model.predict(test[0]), *seconds


def by_trees(program, folder, test, settings, threads):
    out = folder / "out.bin"
    words = [program, folder / "table.bin", out, str(threads), "0", *settings]
    told = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return np.fromfile(out)[-len(test[1]):], told["fit_cpu_s"], told["fit_s"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="astrolabe_bench_trees")
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=list(CONFIGS), choices=CONFIGS)
    parser.add_argument("set", nargs="*", metavar="NAME=VALUE", help="changes a setting of trees")
    arguments = parser.parse_args()
    print("| settings | NDCG@10 lightgbm | NDCG@10 trees | difference, mean and range | cpu s lightgbm | cpu s trees | by the clock |")
    print("|---" * 7 + "|")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for config in arguments.only:
            scores, cpu, wall = [], [], []
            for seed in range(1, arguments.seeds + 1):
                train, test = make(arguments.queries, seed), make(arguments.queries, 1000 + seed)
                write(folder / "table.bin", train, test)
                both = (by_lightgbm(train, test, CONFIGS[config][0], arguments.threads),
                        by_trees(arguments.program, folder, test, [*CONFIGS[config][1], *arguments.set], arguments.threads))
                scores.append([ndcg(test[1], predicted, test[2]) for predicted, *_ in both])
                cpu.append([one[1] for one in both])
                wall.append([one[2] for one in both])
            theirs, ours = np.mean(scores, axis=0)
            gaps = [b - a for a, b in scores]
            median = [statistics.median(of_one) for of_one in zip(*cpu)]
            clock = statistics.median(b / a for a, b in wall)
            print(f"| {config} | {theirs:.4f} | {ours:.4f} | {ours - theirs:+.4f} ({min(gaps):+.4f} to {max(gaps):+.4f}) | "
                  f"{median[0]:.2f} | {median[1]:.2f} | {clock:.2f} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
