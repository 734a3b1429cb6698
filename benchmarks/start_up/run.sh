#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long until `astrolabe --version` has answered, beside a python3 that does nothing (what any Python tool pays at least).
set -euo pipefail
program=${1:-build/release/astrolabe}
python3 - "$program" <<'PY'
import statistics, subprocess, sys, time
contestants = {"astrolabe --version": [sys.argv[1], "--version"], "python3 -c pass": ["python3", "-c", "pass"]}
times = {name: [] for name in contestants}
for _ in range(60):
    for name, command in contestants.items():  # interleaved: both meet the same neighbours
        begin = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        times[name].append(1000 * (time.perf_counter() - begin))
for name, values in times.items():
    values.sort()
    print(f"{name:<22} median {statistics.median(values):6.2f} ms   middle half {values[15]:.2f} to {values[45]:.2f}")
PY
