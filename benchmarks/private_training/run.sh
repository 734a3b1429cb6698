#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh: private training on MNIST and adult, what a private step costs, and attacks that are really run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
: "${ASTROLABE_DATA:?set it to the folder that has images/ and tabular/}"
build=$(realpath "${ASTROLABE_BUILD:-build/release}")
cmake --build "$build" --target astrolabe astrolabe_bench_private_step test_train_private_audit >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${ASTROLABE_PYTHON:-python3}" benchmarks/private_training/images.py "$ASTROLABE_DATA/images/${IMAGES:-mnist}" "$work"

cd "$work"
for epsilon in 1 3; do
  for form in "mlp" "linear"; do
    "$build/astrolabe" run train.parquet --target label --types label=category --learner "$form" --out "$form-$epsilon" \
      --privacy "epsilon=$epsilon,delta=1e-5,low=0,high=255,held_out=0" --quiet >"$form-$epsilon.txt"
    echo "images, $form, epsilon $epsilon: $("$build/astrolabe" score "$form-$epsilon/model.astro" test.parquet --quiet | grep '^  accuracy'),$(
      grep 'done in' "$form-$epsilon.txt")"
    "$build/astrolabe" run "$ASTROLABE_DATA/tabular/adult.data.gz" --target 15 --no-header --learner "$form" --out "adult-$form-$epsilon" \
      --privacy "epsilon=$epsilon,delta=1e-5" --quiet >adult.txt
    echo "adult, $form, epsilon $epsilon: $(grep 'accuracy, private' adult.txt)"
  done
done
"$build/bin/astrolabe_bench_private_step" 20
"$build/bin/test_train_private_audit" | grep 'attack shows'
