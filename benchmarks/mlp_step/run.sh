#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [compare.py's options]: whole training steps, ours, PyTorch's and jax's: equal losses first, then times in turns.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=benchmarks/mlp_step
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target bench_mlp_step >&2
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE # they would decide which kernels PyTorch runs
/usr/bin/python3 -c 'import torch' 2>/dev/null || {
  echo "run.sh: the rival is Debian's python3-torch: apt-get install python3-torch" >&2
  exit 1
}
python=$(command -v python3)
[[ -x .venv/bin/python ]] && python=.venv/bin/python
contestants=(
  "astrolabe=$build/bin/bench_mlp_step"
  "torch=/usr/bin/python3 $here/torch_eager.py"
  "jax.jit=$python $here/jax_jit.py"
  "jax.jit, loop=$python $here/jax_jit.py --loop"
)
python3 "$here/compare.py" --check "${contestants[@]}"
exec python3 "$here/compare.py" "$@" "${contestants[@]}"
