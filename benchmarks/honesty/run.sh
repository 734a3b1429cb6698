#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [STUDIES]: how often a proof is wrong, and how often it finds what is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target astrolabe_bench_honesty >&2
"$build/bin/astrolabe_bench_honesty" "$@"
