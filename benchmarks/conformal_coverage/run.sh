#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Twenty random splits of every shared regression table: do 90 % ranges hold 90 % of the test rows?
# ASTROLABE_PYTHON needs pandas; --before PROGRAM measures an older program's ranges on the same splits.
set -euo pipefail
: "${ASTROLABE_DATA:?set it to the folder that has tabular/}"
build=${ASTROLABE_BUILD:-build/release}
exec "${ASTROLABE_PYTHON:-python3}" "$(dirname "$0")/run.py" --data "$ASTROLABE_DATA" --program "$build/astrolabe" "$@"
