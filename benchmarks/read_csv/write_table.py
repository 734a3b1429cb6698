# SPDX-License-Identifier: Apache-2.0
"""write_table.py ROWS FILE: a table as it comes from a laboratory or a shop: 26 measurements, a target, a count, two
columns of words and a date. About 250 bytes a row."""

import sys

import numpy

CITIES = numpy.array(["Paris", "Lima", "Oslo", "Cairo", "Quito", "Kyoto", "Accra", "Perth"])
KINDS = numpy.array(["standard", "express", "none"])
BLOCK = 50_000


def main() -> None:
    rows, path = int(sys.argv[1]), sys.argv[2]
    random = numpy.random.default_rng(1)
    names = ["target", *(f"x{i}" for i in range(26)), "count", "city", "kind", "day"]
    with open(path, "w") as out:
        out.write(",".join(names) + "\n")
        for begin in range(0, rows, BLOCK):
            size = min(BLOCK, rows - begin)
            measured = random.standard_normal((size, 26))
            columns = zip(
                random.integers(0, 2, size).tolist(),
                measured.tolist(),
                random.integers(0, 1000, size).tolist(),
                CITIES[random.integers(0, len(CITIES), size)].tolist(),
                KINDS[random.integers(0, len(KINDS), size)].tolist(),
                (numpy.datetime64("2020-01-01") + random.integers(0, 1500, size)).astype(str).tolist(),
            )
            form = "%d," + "%.6f," * 26 + "%d,%s,%s,%s\n"
            out.writelines(form % (y, *x, n, city, kind, day) for y, x, n, city, kind, day in columns)


if __name__ == "__main__":
    main()
