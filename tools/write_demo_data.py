# SPDX-License-Identifier: Apache-2.0
"""Writes scikit-learn's small data sets as CSV: a header, features, and the column `target`.

    python tools/write_demo_data.py build/demo
"""

import csv
import pathlib
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


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, load in LOADERS.items():
        write_table(load(), folder / f"{name}.csv")


if __name__ == "__main__":
    main()
