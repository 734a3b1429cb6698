#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Is `forest` as good and as fast as scikit-learn's ExtraTrees of as many trees?
set -euo pipefail
: "${ASTROLABE_DATA:?set it to the folder that has tabular/}"
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target astrolabe_bench_trees
program=$(find "$build" -name astrolabe_bench_trees -type f | head -n 1)
exec "${ASTROLABE_PYTHON:-python3}" "$(dirname "$0")/run.py" --program "$program" "$@"
