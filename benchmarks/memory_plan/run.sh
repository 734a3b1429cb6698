#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long until hard instances of memory planning are solved, beside MiniMalloc's own solver where MINIMALLOC names it.
set -euo pipefail
: "${ASTROLABE_DATA:?set it to the folder that has minimalloc/*.csv}"
exec python3 "$(dirname "$0")/run.py" --program "${ASTROLABE_PROGRAM:-build/release/astrolabe}" "$@"
