#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes fixtures/, the small files of the reader tests, with the pyarrow of .venv. They are committed: run this only to
change them, and look at what changed."""

import datetime
import decimal
import gzip
import pathlib

import pyarrow
from pyarrow import feather, parquet

FOLDER = pathlib.Path(__file__).parent / "fixtures"
TYPES = pyarrow.table(
    {
        "int32": pyarrow.array([1, 2, None, 4], pyarrow.int32()),
        "double": [1.5, None, float("inf"), 2.0],
        "half": pyarrow.array([1.5, 2.5, None, 1.0], pyarrow.float16()),
        "decimal": [decimal.Decimal("1.25"), None, decimal.Decimal("3.50"), decimal.Decimal("2.00")],
        "bool": [True, False, None, True],
        "timestamp": pyarrow.array(
            [datetime.datetime(2024, 1, 1, 12, 30), None, datetime.datetime(2024, 1, 2), datetime.datetime(2024, 1, 3)],
            pyarrow.timestamp("us"),
        ),
        "date": [datetime.date(2024, 1, 1), None, datetime.date(2024, 1, 2), datetime.date(2024, 1, 3)],
        "time": [datetime.time(1, 2, 3), None, datetime.time(0, 0, 1), datetime.time(0, 0, 2)],
        "string": ["a", "b", None, "a"],
        "large_string": pyarrow.array(["x", "y", "z", None], pyarrow.large_string()),
        "dictionary": pyarrow.array(["u", "v", None, "u"]).dictionary_encode(),
        "whole_dictionary": pyarrow.array([5, 6, None, 5]).dictionary_encode(),
        "number_as_text": ["1", "2", "3", None],
        "long_whole": [2**60, 2**60 + 1, 2**60 + 2, None],
        "null": pyarrow.nulls(4),
    }
)
PLAIN = b"name,x\nann,1\nbob,2\n" + b"".join(b"carl,%d.5\n" % i for i in range(200))


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    parquet.write_table(TYPES, FOLDER / "types.parquet", compression="zstd")
    parquet.write_table(TYPES.select(["int32", "string"]), FOLDER / "parquet_named.csv")
    parquet.write_table(TYPES.slice(0, 0), FOLDER / "no_rows.parquet")
    parquet.write_table(pyarrow.table({"x": [1, 2], "list": [[1], [2, 3]]}), FOLDER / "nested.parquet")
    feather.write_feather(TYPES, FOLDER / "types.feather", compression="lz4")
    rows = {"i": range(5000), "word": ["even", "odd"] * 2500}
    feather.write_feather(pyarrow.table(rows), FOLDER / "rows.feather", compression="zstd", chunksize=700)
    (FOLDER / "plain.csv").write_bytes(PLAIN)
    (FOLDER / "plain.csv.gz").write_bytes(gzip.compress(PLAIN, mtime=0))
    (FOLDER / "plain.csv.zst").write_bytes(pyarrow.compress(PLAIN, "zstd", asbytes=True))
    two_members = gzip.compress(b"a,b\n1,x\n2,y\n", mtime=0) + gzip.compress(b"3,x\n4,y\n", mtime=0)
    (FOLDER / "two_members.csv.gz").write_bytes(two_members)


if __name__ == "__main__":
    main()
