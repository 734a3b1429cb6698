#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [OPTION...]: gemm() against OpenBLAS and oneDNN, on one thread and on two. Options go to the program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target astrolabe_bench_gemm >&2
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE OPENBLAS_NUM_THREADS
for threads in 1 2; do
  OMP_NUM_THREADS=$threads "$build/bin/astrolabe_bench_gemm" --threads "$threads" "$@"
done
