# SPDX-License-Identifier: Apache-2.0
"""A hundred timed runs over odd tables: does each end within its limit, and 2 s, with a model that predicts?"""

import argparse
import pathlib
import random
import subprocess
import tempfile
import time

LIMITS = [1] * 40 + [2] * 20 + [3] * 15 + [5] * 10 + [10] * 8 + [20] * 4 + [60] * 3
GRACE = 2.0


def table(rows, columns, cell, target):
    chance = random.Random(rows * 1000 + columns)
    lines = [",".join([*(f"c{i}" for i in range(columns)), "y"])]
    for row in range(rows):
        values = [cell(chance, row, i) for i in range(columns)]
        lines.append(",".join([*map(str, values), str(target(chance, row, values))]))
    return "\n".join(lines) + "\n"


def number(chance, _row, _column):
    return round(chance.gauss(0, 1), 4)


def positive(_chance, _row, values):
    return "yes" if float(values[0] or 0) > 0 else "no"


ODD = {
    "two rows": lambda: table(2, 2, number, lambda _c, row, _v: "ab"[row]),
    "thirty rows": lambda: table(30, 3, number, positive),
    "one column": lambda: table(1500, 1, number, positive),
    "constant columns": lambda: table(1200, 5, lambda *_: 1, lambda c, _r, _v: c.choice("ab")),
    "mostly missing": lambda: table(3000, 20, lambda c, r, i: number(c, r, i) if i == 0 or c.random() < 0.05 else "", positive),
    "300 classes": lambda: table(6000, 4, number, lambda c, row, _v: f"k{row % 300}"),
    "rare class": lambda: table(8000, 6, number, lambda c, row, _v: "rare" if row % 800 == 0 else "usual"),
    "high cardinality": lambda: table(8000, 4, lambda c, r, i: f"v{c.randrange(4000)}" if i else number(c, r, i), positive),
    "2,000 columns": lambda: table(600, 2000, number, positive),
    "long": lambda: table(120_000, 8, number, positive),
    "words": lambda: table(2500, 3, lambda c, r, i: " ".join(c.choice(("red", "blue", "old", "new")) for _ in range(8)) if i else number(c, r, i),
                           positive),
    "huge numbers": lambda: table(2000, 4, lambda c, r, i: f"{c.gauss(0, 1):.3f}e{c.randrange(-30, 30)}", lambda c, _r, v: c.gauss(0, 1) + (float(v[0]) > 0)),
    "counts": lambda: table(5000, 5, number, lambda c, _r, v: int(abs(float(v[0])) * 40) + c.randrange(30)),
}


def run_once(program, data, limit, threads, folder):
    start = time.monotonic()
    done = subprocess.run([program, "run", data, "--target", "y", "--time", f"{limit}s", "--threads", str(threads), "--out", folder,
                           "--quiet"], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - start
    predicts = done.returncode == 0 and subprocess.run(
        [program, "predict", f"{folder}/model.astro", data, "--out", f"{folder}/p.csv", "--quiet"], capture_output=True,
        check=False).returncode == 0
    return seconds, predicts, done


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    late, without, over = [], [], []
    with tempfile.TemporaryDirectory() as home:
        paths = {}
        for name, make in ODD.items():
            paths[name] = pathlib.Path(home) / f"{name.replace(' ', '-').replace(',', '')}.csv"
            paths[name].write_text(make())
        names = list(ODD)
        for index, limit in enumerate(LIMITS):
            name = names[index % len(names)]
            seconds, predicts, done = run_once(arguments.program, paths[name], limit, arguments.threads, f"{home}/r{index}")
            over.append(seconds - limit)
            if seconds > limit + GRACE:
                late.append((name, limit, seconds))
            if not predicts:
                without.append((name, limit, done.stderr.strip()[-300:]))
            print(f"{index + 1:3d}  {limit:3d} s  {seconds:6.2f} s  {'model' if predicts else 'NO MODEL'}  {name}", flush=True)
    over.sort()
    print(f"\n{len(LIMITS)} runs: {len(LIMITS) - len(late)} within limit + {GRACE:g} s, {len(LIMITS) - len(without)} with a model that predicts")
    print(f"after the limit: median {over[len(over) // 2]:.2f} s, worst {over[-1]:.2f} s")
    for name, limit, seconds in late:
        print(f"late: {name}, {limit} s took {seconds:.2f} s")
    for name, limit, message in without:
        print(f"no model: {name}, {limit} s: {message}")


if __name__ == "__main__":
    main()
