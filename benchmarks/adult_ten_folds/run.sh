#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
: "${ASTROLABE_DATA:?set it to the folder that has tabular/adult.data.gz}"
exec python3 "$(dirname "$0")/run.py" --data "$ASTROLABE_DATA" "$@"
