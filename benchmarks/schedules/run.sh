#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [--seconds 6] [--rounds 41] [--seed 1] [--set avx2]: what schedules gain on the layers of shapes.txt and
# convolutions.txt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target bench_schedules >&2
for list in shapes convolutions; do
  "$build/bin/bench_schedules" "benchmarks/schedules/$list.txt" "$@"
done
