# SPDX-License-Identifier: Apache-2.0
"""The rival: read_with_pyarrow.py FILE prints what astrolabe_bench_read prints: seconds, rows, the sum of each column."""

import sys
import time

import pyarrow.compute
import pyarrow.csv

begin = time.perf_counter()
table = pyarrow.csv.read_csv(sys.argv[1])
print(f"seconds {time.perf_counter() - begin:.3f}")
print(f"rows {table.num_rows}")
for name in table.column_names:
    if pyarrow.types.is_integer(table[name].type) or pyarrow.types.is_floating(table[name].type):
        print(f"column\t{name}\tnumber\t{table[name].null_count}\t{pyarrow.compute.sum(table[name]).as_py():.17g}")
