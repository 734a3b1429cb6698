#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [run.py's options]: whole training steps, clipped gradients, functions and products against whoever is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target bench_engine >&2
cmake --build "$build" --target astrolabe_bench_gemm >&2 || echo "run.sh: without products: benchmarks/gemm does not build" >&2
python=$(command -v python3)
[[ -x .venv/bin/python ]] && python=.venv/bin/python
exec "$python" benchmarks/engine/run.py --build "$build" "$@"
