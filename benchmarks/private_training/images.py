# SPDX-License-Identifier: Apache-2.0
"""MNIST or Fashion-MNIST from its IDX files as Parquet: `label` and pixels p0 .. p783 as bytes.

    python images.py FOLDER_OF_IDX_FILES OUT_FOLDER     # writes train.parquet and test.parquet
"""

import gzip
import pathlib
import struct
import sys

import numpy
import pyarrow
import pyarrow.parquet


def read_idx(path):
    data = gzip.open(path).read()
    _, kind, axes = struct.unpack(">HBB", data[:4])
    assert kind == 8, "bytes"
    shape = struct.unpack(f">{axes}I", data[4 : 4 + 4 * axes])
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * axes).reshape(shape)


def write(folder, part, out):
    pixels = read_idx(folder / f"{part}-images-idx3-ubyte.gz").reshape(-1, 784)
    labels = read_idx(folder / f"{part}-labels-idx1-ubyte.gz")
    columns = {"label": pyarrow.array([f"c{label}" for label in labels])}
    columns |= {f"p{i}": pyarrow.array(pixels[:, i]) for i in range(pixels.shape[1])}
    pyarrow.parquet.write_table(pyarrow.table(columns), out)


if __name__ == "__main__":
    source, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    write(source, "train", target / "train.parquet")
    write(source, "t10k", target / "test.parquet")
