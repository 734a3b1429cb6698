#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""summarise.py FILE...: the lines of astrolabe_bench_controller as one Markdown table per space.

Medians count a search that never got there as infinitely long; their intervals (95 %) are by bootstrap over seeds.
"""

import math
import random
import statistics
import sys
from collections import defaultdict


def median(values: list[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def queries_text(values: list[float], most: int) -> str:
    draw = random.Random(1)
    medians = sorted(median(draw.choices(values, k=len(values))) for _ in range(2000))

    def text(value: float) -> str:
        return f"> {most}" if math.isinf(value) else f"{value:.0f}"

    return f"{text(median(values))} ({text(medians[50])} to {text(medians[-51])})"


def mean_text(values: list[float]) -> str:
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.3f} ± {spread:.3f}"


def main() -> None:
    runs = defaultdict(lambda: defaultdict(list))
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            for line in file:
                proposer, space, *numbers = line.rstrip("\n").split("\t")
                runs[space][proposer].append([float(number) for number in numbers])
    for space, proposers in runs.items():
        print(f"\n{space}\n")
        print("| proposer | seeds | best@100 | best@300 | best@1000 | queries until near | until the best | found the best | ms |")
        print("|---|---|---|---|---|---|---|---|---|")
        for proposer, rows in proposers.items():
            _, at100, at300, at1000, near, best, _, ms = zip(*rows, strict=True)
            found = sum(queries > 0 for queries in best) / len(best)
            until = [queries_text([q or math.inf for q in queries], 1000) for queries in (near, best)]
            cells = [proposer, len(rows), *map(mean_text, (at100, at300, at1000)), *until]
            print("|", " | ".join(map(str, cells)), f"| {found:.0%} | {statistics.median(ms):.3f} |")


if __name__ == "__main__":
    main()
