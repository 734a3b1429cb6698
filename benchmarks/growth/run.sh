#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [SEEDS [TABLE...]]: nets that grew to twice their width against the same nets from nothing, on later rows of the same tables.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec python3 benchmarks/growth/growth.py "${ASTROLABE_BUILD:-build/release}/astrolabe" "${1:-3}" "${@:2}"
