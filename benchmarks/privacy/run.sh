#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh: how long each accountant takes, and calibration.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target astrolabe_bench_privacy >&2
"$build/bin/astrolabe_bench_privacy"
