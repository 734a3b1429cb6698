#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "$0")/../.."
python3 benchmarks/deadline/run.py build/release/astrolabe "$@"
