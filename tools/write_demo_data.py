# SPDX-License-Identifier: Apache-2.0
"""Writes scikit-learn's small data sets as CSV: a header, features, and the column `target`; and made queries to rank.

    python tools/write_demo_data.py build/demo
"""

import csv
import pathlib
import random
import sys

from sklearn import datasets

LOADERS = {
    "breast_cancer": datasets.load_breast_cancer,
    "diabetes": datasets.load_diabetes,
    "digits": datasets.load_digits,
    "wine": datasets.load_wine,
}


def write_table(bunch, path: pathlib.Path) -> None:
    """Class targets are written by their names, except digits, whose names are numbers anyway."""
    targets = bunch.target
    if "target_names" in bunch:
        targets = [bunch.target_names[label] for label in bunch.target]
    partial = path.with_suffix(".partial")
    with partial.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([name.replace(" ", "_") for name in bunch.feature_names] + ["target"])
        for features, target in zip(bunch.data, targets):
            writer.writerow([repr(float(value)) for value in features] + [target])
    partial.replace(path)


def write_queries(path: pathlib.Path, queries: int = 120, documents: int = 12) -> None:
    """Documents of queries: how relevant one is follows its match, its age and how hard the query is."""
    draw = random.Random(1)
    lines = ["query,match,age,clicks,difficulty,relevance"]
    for query in range(queries):
        difficulty = draw.gauss(0, 1)
        for _ in range(documents):
            match, age, clicks = draw.gauss(0, 1), draw.expovariate(1), draw.gauss(0, 1)
            grade = 1 + match - 0.7 * age + 0.3 * clicks * (difficulty > 0) - 0.5 * difficulty + 0.5 * draw.gauss(0, 1)
            lines.append(f"{query},{match:.4f},{age:.4f},{clicks:.4f},{difficulty:.4f},{max(0, min(4, round(grade)))}")
    path.write_text("\n".join(lines) + "\n")


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, load in LOADERS.items():
        write_table(load(), folder / f"{name}.csv")
    write_queries(folder / "queries.csv")


if __name__ == "__main__":
    main()
