#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""state.py FILE: what the contestants of the whole step start from: weights, then x and y of eight batches."""

import sys

import numpy as np

BATCH, BATCHES = 64, 8
SHAPES = [(3, 3, 1, 16), (16,), (3, 3, 16, 32), (32,), (7 * 7 * 32, 10), (10,)]


def make_state():
    random = np.random.default_rng(1)
    weights = []
    for shape in SHAPES:
        reach = 1 / np.sqrt(np.prod(shape[:-1]))
        weights.append(random.uniform(-reach, reach, shape).astype(np.float32))
    batches = []
    for _ in range(BATCHES):
        x = random.standard_normal((BATCH, 28, 28, 1), dtype=np.float32)
        batches.append((x, random.integers(0, 10, BATCH).astype(np.int32)))
    return weights, batches


def main() -> None:
    weights, batches = make_state()
    with open(sys.argv[1], "wb") as file:
        for array in weights + [x for x, _ in batches] + [y for _, y in batches]:
            file.write(array.tobytes())


if __name__ == "__main__":
    main()
