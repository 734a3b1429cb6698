#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [run.py's options]: convolutions against oneDNN, then a whole training step against PyTorch, on one core.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=benchmarks/convolution
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target astrolabe_bench_convolution bench_convolution_step >&2
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE # they would decide which kernels PyTorch runs
/usr/bin/python3 -c 'import torch' 2>/dev/null || {
  echo "run.sh: the rival is Debian's python3-torch: apt-get install python3-torch" >&2
  exit 1
}
OMP_NUM_THREADS=1 "$build/bin/astrolabe_bench_convolution"
exec python3 "$here/run.py" "$@" "astrolabe=$build/bin/bench_convolution_step" "torch=/usr/bin/python3 $here/torch_eager.py"
