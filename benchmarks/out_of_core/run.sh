#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long do trees take on a table of four times the memory cap, and do they keep the cap?
set -euo pipefail
here=$(dirname "$0")
build=${ASTROLABE_BUILD:-build/release}
rows=${1:-4000000} rounds=${2:-40} threads=${3:-1}
cmake --build "$build" --target astrolabe_bench_out_of_core
program=$(find "$build" -name astrolabe_bench_out_of_core -type f | head -n 1)
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
"$program" write "$folder/table.bin" "$rows"
cap=$(($(stat -c %s "$folder/table.bin") / 4 / 1048576))
python3 "$here/compare.py" --program "$program" --table "$folder/table.bin" --cap "$cap" --rounds "$rounds" --threads "$threads"
