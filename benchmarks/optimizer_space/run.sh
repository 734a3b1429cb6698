#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [OUT [SEED]]: the 249,696 one-group texts of `bello` counted, then raced on a small net on digits; the best against AdamW and other
# familiar optimizers under equal tuning, on digits and two tables that the race did not see. One core (CORE=1: the second).
# A race in OUT that has ended is not repeated, nor are the runs of the duel: delete OUT to begin anew.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=benchmarks/optimizer_space
build=${ASTROLABE_BUILD:-build/release}
: "${ASTROLABE_DATA:?says where tabular/phoneme.csv.gz and california_housing.csv.gz lie}"
out=${1:-$build/optimizer_space}
seed=${2:-1}
program=$build/astrolabe
cmake --build "$build" --target astrolabe bench_count_optimizers >&2
[[ -f build/demo/digits.csv ]] || ./dev demo >&2
mkdir -p "$out"
export PYTHONDONTWRITEBYTECODE=1
python3 "$here/halves.py" build/demo/digits.csv 0 "$out/digits"
python3 "$here/halves.py" "$ASTROLABE_DATA/tabular/phoneme.csv.gz" 3000 "$out/phoneme" --no-header
python3 "$here/halves.py" "$ASTROLABE_DATA/tabular/california_housing.csv.gz" 3000 "$out/california"

# No weight decay: it is a multiple of the learning rate, so that long rates would pay for it; the space has decays of its own.
# race NAME STAR TRIALS PRUNER
race() {
  [[ ! -f $out/$1/report.html ]] || return 0
  echo "== $1" >&2
  rm -rf "${out:?}/$1"
  taskset -c "${CORE:-0}" "$program" run build/demo/digits.csv --target target --learner mlp --architecture 32 --batch-size 64 \
    --mlp-numeric-embedding none --mlp-dropout 0 --weight-decay 0 --optimizer "$2" --proposer enumeration --pruner "$4" \
    --trials "$3" --threads 1 --seed "$seed" --out "$out/$1" > "$out/$1.txt" 2>&1
}
[[ -s $out/counts.md ]] || taskset -c "${CORE:-0}" "$build/bin/bench_count_optimizers" > "$out/counts.md"
race digits '*bello' 249696 'halving_race(eta=3, min_peers=30)'
race familiar "$(python3 "$here/report.py" --familiar)" 16 none
python3 "$here/duel.py" "$out" "$program" --core "${CORE:-0}"
cat "$out/counts.md"
python3 "$here/report.py" "$out"
