#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [SEEDS [SPACE...]]: every proposer on NAS-Bench-201 (space "table") and on made-up landscapes (6x5, 10x4). Seeds are
# shared by two processes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${ASTROLABE_BUILD:-build/release}
seeds=${1:-100}
shift || true
spaces=("$@")
[ ${#spaces[@]} -gt 0 ] || spaces=(table 6x5 10x4)
proposers=(random evolution "evolution(population=50, sample=10)" "rl(algorithm=reinforce)" rl bayes surrogate auto)
cmake --build "$build" --target astrolabe_bench_controller >&2
results=$build/controller
mkdir -p "$results"
rm -f "$results"/*.tsv
if [[ " ${spaces[*]} " == *" table "* ]]; then
  : "${ASTROLABE_DATA:?says where nasbench201/nas-201-arch.json.gz lies}"
  python3 benchmarks/controller/write_table.py "$ASTROLABE_DATA/nasbench201/nas-201-arch.json.gz" "$results/table.txt"
fi
for space in "${spaces[@]}"; do
  where=(--made "$space")
  [ "$space" != table ] || where=(--table "$results/table.txt")
  for proposer in "${proposers[@]}"; do
    halves=()
    for half in 1 2; do
      "$build/bin/astrolabe_bench_controller" --proposer "$proposer" "${where[@]}" --seeds "$half..$seeds" --step 2 \
        >> "$results/$half.tsv" &
      halves+=($!)
    done
    for half in "${halves[@]}"; do wait "$half"; done
  done
done
python3 benchmarks/controller/summarise.py "$results"/*.tsv
