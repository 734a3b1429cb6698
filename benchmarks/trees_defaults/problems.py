# SPDX-License-Identifier: Apache-2.0
"""Tables on which the defaults of trees may be tuned: none of the twelve of trees_vs_rivals, several sizes of each.

`PROBLEMS[name](data)` is a Table of trees_vs_lightgbm. A name ends in its rows where they are drawn: adult@600.
"""
import pathlib
import sys

import numpy as np
from sklearn import datasets

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "trees_vs_lightgbm"))
import tables  # noqa: E402
from tables import Spec, Table  # noqa: E402

tables.SPECS |= {
    "titanic": Spec("titanic_openml.csv.gz", "binary", "survived", {"na_values": "?"},
                    ("name", "ticket", "cabin", "boat", "body", "home.dest")),
    "nyc_taxis": Spec("nyc_taxis.csv.gz", "regression", "tip", {}, ("total", "pickup", "dropoff")),
    "nycflights13": Spec("nycflights13.csv.gz", "regression", "arr_delay", {},
                         ("year", "arr_time", "air_time", "tailnum")),
    "diabetes130us": Spec("diabetes130us.csv.gz", "multiclass", "readmitted", {"na_values": "?", "low_memory": False},
                          ("encounter_id", "patient_nbr", "weight")),
}
# Rows drawn of each: all sizes that the defaults must know how to tell apart.
SHARED = {
    "adult": (600, 2500, 10000), "bank-full": (1200, 10000), "electricity": (5000,), "higgs_7k": (600, 5000),
    "phoneme": (1200, 5000), "titanic": (1309,), "car": (1728,), "covertype_20k": (1200,), "segment": (600,),
    "wine_quality": (4898,), "diabetes130us": (2500, 10000), "abalone": (600, 4177), "bike_sharing": (1200, 10000),
    "california": (600, 2500, 12000), "kin8nm": (1200, 8192), "protein": (2500, 10000), "nyc_taxis": (600, 5000),
    "nycflights13": (2500, 10000),
}


def drawn(name, rows, data):
    """`rows` rows of a shared table, drawn with a seed."""
    table = tables.load(name, data)
    kept = np.sort(np.random.default_rng(rows).permutation(len(table.y))[:rows])
    table.x, table.y = table.x[kept], table.y[kept]
    if table.kind == "multiclass":  # classes that the draw lost
        table.y = np.unique(table.y, return_inverse=True)[1].astype(float)
        table.classes = int(table.y.max()) + 1
    table.fold = tables.make_folds(table.y, table.kind)
    return table


def generated(kind, made):
    """A Table of numeric columns of a scikit-learn generator's (x, y)."""
    x, y = made[0].astype(np.float32), made[1].astype(float)
    if kind != "regression":
        y = np.unique(y, return_inverse=True)[1].astype(float)
    classes = 0 if kind == "regression" else int(y.max()) + 1
    return Table("", kind, x, np.zeros(x.shape[1], np.int32), y, tables.make_folds(y, kind), classes)


def classes(rows, columns, informative, **more):
    return datasets.make_classification(rows, columns, n_informative=informative, random_state=rows, **more)


GENERATED = {
    "friedman1@300": ("regression", lambda: datasets.make_friedman1(300, noise=1, random_state=0)),
    "friedman1@2500": ("regression", lambda: datasets.make_friedman1(2500, noise=3, random_state=1)),
    "friedman1@10000": ("regression", lambda: datasets.make_friedman1(10000, noise=1, random_state=2)),
    "friedman2@600": ("regression", lambda: datasets.make_friedman2(600, noise=100, random_state=0)),
    "friedman3@600": ("regression", lambda: datasets.make_friedman3(600, noise=0.1, random_state=0)),
    "sparse@500": ("regression", lambda: datasets.make_sparse_uncorrelated(500, 30, random_state=0)),
    "wide@400": ("regression", lambda: datasets.make_regression(400, 60, n_informative=8, noise=20, random_state=0)),
    "noisy@600": ("binary", lambda: classes(600, 20, 5, flip_y=0.2)),
    "noisy@2500": ("binary", lambda: classes(2500, 60, 6, flip_y=0.1, class_sep=0.7)),
    "hastie@2500": ("binary", lambda: datasets.make_hastie_10_2(2500, random_state=0)),
    "rare@5000": ("binary", lambda: classes(5000, 30, 8, weights=[0.93], class_sep=0.7)),
    "four@900": ("multiclass", lambda: classes(900, 25, 8, n_classes=4)),
}
PROBLEMS = {f"{name}@{rows}": (lambda data, name=name, rows=rows: drawn(name, rows, data))
            for name, sizes in SHARED.items() for rows in sizes}
PROBLEMS |= {name: (lambda data, made=made: generated(made[0], made[1]())) for name, made in GENERATED.items()}
