#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [OUT [SEED]]: every one-unit form of `ramachandran`, raced on two small nets on digits; the same forms probed on three tables
# that the race did not see; 60 of them trained in whole on digits and two of these. One core (CORE=1: the second).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=benchmarks/activation_space
build=${ASTROLABE_BUILD:-build/release}
: "${ASTROLABE_DATA:?says where tabular/phoneme.csv.gz and california_housing.csv.gz lie}"
out=${1:-$build/activation_space}
seed=${2:-1}
plain=(--architecture 32-32 --mlp-numeric-embedding none --mlp-dropout 0)
residual=(--architecture 32-res-res --normalization batch --mlp-numeric-embedding none --mlp-dropout 0)
program=$build/astrolabe
[[ -x $program ]] || cmake --build "$build" --target astrolabe >&2
[[ -f build/demo/digits.csv ]] || ./dev demo >&2
mkdir -p "$out"
rm -rf "$out"/{familiar,digits}{,_residual} "$out"/{digits_again,{digits,phoneme,california}_forms,breast_cancer,phoneme,california} "$out/seconds.tsv"
python3 "$here/sample_rows.py" "$ASTROLABE_DATA/tabular/phoneme.csv.gz" 1500 "$out/phoneme.csv"
python3 "$here/sample_rows.py" "$ASTROLABE_DATA/tabular/california_housing.csv.gz" 1500 "$out/california.csv"

# search NAME SEED TABLE TARGET STAR TRIALS PRUNER [OPTION...]
search() {
  local name=$1 seed=$2 table=$3 target=$4 star=$5 trials=$6 pruner=$7 start=$EPOCHREALTIME
  shift 7
  echo "== $name" >&2
  taskset -c "${CORE:-0}" "$program" run "$table" --target "$target" "$@" --learner mlp "${net[@]}" \
    --activation "$star" --proposer enumeration --pruner "$pruner" --trials "$trials" --threads 1 \
    --seed "$seed" --out "$out/$name" > "$out/$name.txt" 2>&1
  awk -v name="$name" -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%s\t%.1f\n", name, b - a }' >> "$out/seconds.tsv"
}
race='halving_race(eta=3, min_peers=30)'
probes='halving_race(eta=100, min_peers=30)' # nearly all end behind the probe
familiar='silu,sigmoid(beta*x)*x,gelu,mish,relu,leaky_relu,elu,softplus,tanh,sigmoid,sin(x),identity'
net=("${residual[@]}")
search familiar_residual "$seed" build/demo/digits.csv target "$familiar" 12 none
search digits_residual "$seed" build/demo/digits.csv target '*ramachandran' 6250 "$race"
net=("${plain[@]}")
search familiar "$seed" build/demo/digits.csv target "$familiar" 12 none
search digits "$seed" build/demo/digits.csv target '*ramachandran' 6250 "$race"
search digits_again "$((seed + 1))" build/demo/digits.csv target '*ramachandran' 6250 "$probes"
# So small a table makes a run repeat its whole search five times, for a score that is not needed here.
search breast_cancer "$seed" build/demo/breast_cancer.csv target '*ramachandran' 6250 "$probes" --metric log_loss
search phoneme "$seed" "$out/phoneme.csv" 6 '*ramachandran' 6250 "$probes" --no-header --metric log_loss
search california "$seed" "$out/california.csv" MedHouseVal '*ramachandran' 6250 "$probes"
forms=$(python3 "$here/report.py" "$out" --forms 60)
search digits_forms "$seed" build/demo/digits.csv target "$forms" 60 none
search phoneme_forms "$seed" "$out/phoneme.csv" 6 "$forms" 60 none --no-header --metric log_loss
search california_forms "$seed" "$out/california.csv" MedHouseVal "$forms" 60 none
python3 "$here/report.py" "$out"
