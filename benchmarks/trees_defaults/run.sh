#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Candidates for the defaults of trees on tables where they may be tuned. ASTROLABE_CORE pins; ASTROLABE_PYTHON needs scikit-learn.
set -euo pipefail
: "${ASTROLABE_DATA:?set it to the folder that has tabular/}"
pin=()
if [[ -n ${ASTROLABE_CORE:-} ]]; then
    pin=(taskset -c "$ASTROLABE_CORE")
fi
exec "${pin[@]}" "${ASTROLABE_PYTHON:-python3}" "$(dirname "$0")/run.py" --data "$ASTROLABE_DATA" \
    --program "$(find "${ASTROLABE_BUILD:-build/release}" -name astrolabe_bench_trees -type f | head -n 1)" "$@"
