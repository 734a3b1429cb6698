#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Is `trees` at its defaults at least as good as lightgbm at its defaults? Then: how fast on a million rows?
set -euo pipefail
: "${ASTROLABE_DATA:?set it to the folder that has tabular/}"
here=$(dirname "$0")
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target astrolabe_bench_trees
program=$(find "$build" -name astrolabe_bench_trees -type f | head -n 1)
python3 "$here/run.py" --program "$program" "$@"
if [[ $# == 0 ]]; then python3 "$here/speed.py" --program "$program"; fi
