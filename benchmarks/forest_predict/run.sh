#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [OPTION...]: predicting with trees against xgboost. Options go to predict.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target astrolabe_bench_forest >&2
.venv/bin/python benchmarks/forest_predict/predict.py --program "$build/bin/astrolabe_bench_forest" "$@"
