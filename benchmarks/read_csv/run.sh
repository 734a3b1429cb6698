#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [ROWS [ROUNDS]]: reads a CSV file of 500 MB with Astrolabe and with pyarrow.csv, in turns.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target astrolabe_bench_read >&2
table=$build/read_csv_${1:-2000000}.csv
[[ -e $table ]] || { python3 benchmarks/read_csv/write_table.py "${1:-2000000}" "$table.part" && mv "$table.part" "$table"; }
exec python3 benchmarks/read_csv/compare.py "$build/bin/astrolabe_bench_read" "$table" "${2:-9}"
