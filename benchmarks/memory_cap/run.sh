#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Peak memory of runs under --memory. ASTROLABE_DATA, where it is set, has images/fashion-mnist.
set -euo pipefail
build=${ASTROLABE_BUILD:-build/release}
exec python3 "$(dirname "$0")/run.py" --program "$build/astrolabe" ${ASTROLABE_DATA:+--data "$ASTROLABE_DATA"} "$@"
