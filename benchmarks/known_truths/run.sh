#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every claim of this folder, one after the other: what came out, and the processor time.
# Usage: benchmarks/known_truths/run.sh [FOLDER]    (default: a new temporary one)
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
program="${ASTROLABE_PROGRAM:-$here/../../build/release/astrolabe}"
out="${1:-$(mktemp -d)}"
mkdir -p "$out"
for suite in "$here"/*.toml; do
  name="$(basename "$suite" .toml)"
  TIMEFORMAT="%U s of processor time, %R s"
  time "$program" bench "$suite" --out "$out/$name" --seed 2 --resume --quiet
done
echo "pages: $out"
