#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Twelve tables, three folds: trees, lightgbm, xgboost and catboost at their defaults. Scores that results.json holds
# are not measured again. ASTROLABE_CORE pins all to one core; ASTROLABE_PYTHON needs the rivals.
set -euo pipefail
: "${ASTROLABE_DATA:?set it to the folder that has tabular/}"
build=${ASTROLABE_BUILD:-build/release}
pin=()
if [[ -n ${ASTROLABE_CORE:-} ]]; then
    pin=(taskset -c "$ASTROLABE_CORE")
fi
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
exec "${pin[@]}" "${ASTROLABE_PYTHON:-python3}" "$(dirname "$0")/run.py" \
    --data "$ASTROLABE_DATA" --program "$build/astrolabe" \
    --fitter "$(find "$build" -name astrolabe_bench_trees -type f | head -n 1)" "$@"
