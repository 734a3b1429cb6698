#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sample_rows.py TABLE.csv.gz ROWS OUT.csv: the first line, which may be a header, and that many others, always the same ones."""

import gzip
import random
import sys

source, count, target = sys.argv[1], int(sys.argv[2]), sys.argv[3]
with gzip.open(source, "rt") as table:
    first, *rows = table.read().splitlines()
with open(target, "w", encoding="utf-8") as out:
    out.write("\n".join([first, *random.Random(1).sample(rows, count)]) + "\n")
