#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [ROUNDS]: 1,000 distinct searched activations, each in a small net of its own, trained by Astrolabe and by PyTorch, in turns.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=benchmarks/searched_activations
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target bench_searched_activations >&2
/usr/bin/python3 -c 'import torch' 2>/dev/null || {
  echo "run.sh: the rival is Debian's python3-torch: apt-get install python3-torch" >&2
  exit 1
}
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE # they would decide which kernels PyTorch runs
texts=$build/searched_activations.txt
python3 "$here/expressions.py" 1000 "$texts"
for ((round = 1; round <= ${1:-3}; ++round)); do
  echo "== round $round: astrolabe"
  "$build/bin/bench_searched_activations" "$texts"
  echo "== round $round: torch"
  /usr/bin/python3 "$here/torch_rival.py" "$texts"
done
