#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""halves.py TABLE ROWS OUT [--no-header]: so many rows of a table, always the same, in two halves OUT_a.csv and OUT_b.csv.

TABLE may be a .csv or a .csv.gz; ROWS 0 means all.
"""

import argparse
import gzip
import pathlib
import random

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("table", type=pathlib.Path)
parser.add_argument("rows", type=int)
parser.add_argument("out")
parser.add_argument("--no-header", action="store_true")
arguments = parser.parse_args()

opened = gzip.open if arguments.table.suffix == ".gz" else open
with opened(arguments.table, "rt", encoding="utf-8") as table:
    lines = table.read().splitlines()
header, rows = ([], lines) if arguments.no_header else (lines[:1], lines[1:])
some = random.Random(1).sample(rows, arguments.rows or len(rows))
half = len(some) // 2
for name, part in (("a", some[:half]), ("b", some[half:])):
    pathlib.Path(f"{arguments.out}_{name}.csv").write_text("\n".join([*header, *part]) + "\n", encoding="utf-8")
