#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Is lambdarank of `trees` level with that of lightgbm, in NDCG@10 and in time?
set -euo pipefail
here=$(dirname "$0")
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target astrolabe_bench_trees
program=$(find "$build" -name astrolabe_bench_trees -type f | head -n 1)
python3 "$here/run.py" --program "$program" "$@"
