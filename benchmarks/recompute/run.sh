#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh: a chain of 1,024 residual blocks in the memory of 64, of several sizes and activations.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target astrolabe_bench_recompute >&2
for shape in "64 64 9 relu" "32 32 9 relu" "128 128 5 relu" "64 64 9 silu"; do
  # shellcheck disable=SC2086 # four words
  "$build/bin/astrolabe_bench_recompute" 1024 64 $shape
done
