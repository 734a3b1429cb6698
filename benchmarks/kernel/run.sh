#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How fast is kernel ridge regression by random features, against scikit-learn's on the same cores?
set -euo pipefail
: "${ASTROLABE_DATA:?set it to the folder that has higgs_like.py}"
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target astrolabe_bench_kernel
program=$(find "$build" -name astrolabe_bench_kernel -type f | head -n 1)
exec "${ASTROLABE_PYTHON:-python3}" "$(dirname "$0")/run.py" --program "$program" "$@"
