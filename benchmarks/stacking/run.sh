#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same searches with `--stack on` and `--stack off`, judged on rows that neither saw.
set -euo pipefail
: "${ASTROLABE_DATA:?set it to the folder that has tabular/}"
build=${ASTROLABE_BUILD:-build/release}
exec "${ASTROLABE_PYTHON:-python3}" "$(dirname "$0")/run.py" --data "$ASTROLABE_DATA" --program "$build/astrolabe" "$@"
