#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [ROUNDS [SECONDS [TRIALS]]]: durable trials a second from two processes, ours and Optuna's in turns; then how a
# study of TRIALS (0: not now) grows.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=benchmarks/study_store
build=${ASTROLABE_BUILD:-build/release}
cmake --build "$build" --target bench_study_store >&2
python=$(command -v python3)
[[ -x .venv/bin/python ]] && python=.venv/bin/python
folder=$(mktemp -d "$build/study_store.XXXXXX") # on the disk: a memory file system would make nothing durable
trap 'rm -rf "$folder"' EXIT
program=$build/bin/bench_study_store
python3 "$here/compare.py" "$folder" "${1:-7}" "${2:-5}" \
  "start, finish=$program rate {file} {seconds} 2" \
  "finish_and_start=$program rate {file} {seconds} 2 --one-call" \
  "Optuna, SQLite=$python $here/optuna_rival.py {file} {seconds} 2"
[[ ${3:-1000000} == 0 ]] || "$program" growth "$folder/growth.db" "${3:-1000000}"
