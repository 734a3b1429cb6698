#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [SEEDS]: small nets of few labels, with and without a teacher, on MNIST pooled to 14 x 14.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec python3 benchmarks/distillation/distillation.py "${ASTROLABE_BUILD:-build/release}/astrolabe" "${1:-3}"
