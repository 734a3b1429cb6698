#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What does reading pictures and preparing a run on them cost?
set -euo pipefail
: "${ASTROLABE_DATA:?set it to the folder that has images/}"
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target astrolabe
exec "${ASTROLABE_PYTHON:-python3}" "$(dirname "$0")/run.py" "$build/astrolabe"
