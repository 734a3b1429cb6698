#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The NAS-Bench-201 table as text: a line per architecture, the option of each of the six edges and the test accuracy."""

import gzip
import json
import sys

OPTIONS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]


def main() -> None:
    source, target = sys.argv[1:]
    with gzip.open(source, "rt") as file:
        table = json.load(file)
    with open(target, "w", encoding="utf-8") as file:
        for arch, accuracy in zip(table["archs"], table["accuracies"], strict=True):
            edges = [OPTIONS.index(op.split("~")[0]) for node in arch.split("+") for op in node.strip("|").split("|")]
            print(*edges, accuracy, file=file)


if __name__ == "__main__":
    main()
