# SPDX-License-Identifier: Apache-2.0
"""The shared tables as arrays that both contestants get: float32 columns, category codes, targets, folds."""
import pathlib
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

FOLDS = 3


@dataclass
class Spec:
    file: str
    kind: str  # binary, multiclass, regression
    target: str | int
    read: dict = field(default_factory=dict)
    drop: tuple = ()
    categorical: bool | tuple = False  # True: every feature is a code; a tuple: these are


HEADLESS = {"header": None}
SPACES = {"header": None, "sep": r"\s+"}
SPECS = {
    "adult": Spec("adult.data.gz", "binary", 14, HEADLESS | {"skipinitialspace": True, "na_values": "?"}),
    "bank-full": Spec("bank-full.csv.gz", "binary", "y", {"sep": ";"}),
    "credit-g": Spec("credit-g.csv.gz", "binary", "class"),
    "amazon": Spec("amazon_employee_access.csv.gz", "binary", "ACTION", categorical=True),
    "phoneme": Spec("phoneme.csv.gz", "binary", 5, HEADLESS),
    "electricity": Spec("electricity.csv.gz", "binary", "class"),
    "telco_churn": Spec("telco_churn.csv.gz", "binary", "Churn", {"na_values": " "}, ("customerID",)),
    "flight_delays": Spec("flight_delays_75k_train.csv.gz", "binary", "target"),
    "hr_job_change": Spec("hr_job_change.csv.gz", "binary", "target", {}, ("enrollee_id",)),
    "higgs_7k": Spec("higgs_lightgbm.train.tsv.gz", "binary", 0, HEADLESS | {"sep": "\t"}),
    "connect-4": Spec("connect-4.csv.gz", "multiclass", "class", categorical=True),
    "letter": Spec("letter.csv.gz", "multiclass", "class"),
    "segment": Spec("segment.csv.gz", "multiclass", "class"),
    "car": Spec("car.csv.gz", "multiclass", "class"),
    "splice": Spec("splice.csv.gz", "multiclass", "Class", {}, ("Instance_name",)),
    "wine_quality": Spec("winequality-white.csv.gz", "multiclass", 11, HEADLESS),
    "covertype_20k": Spec("covertype_20k.csv.gz", "multiclass", 54, HEADLESS),
    "california": Spec("california_housing.csv.gz", "regression", "MedHouseVal"),
    "diamonds": Spec("diamonds.csv.gz", "regression", "price"),
    "bike_sharing": Spec("bike_sharing_hour.csv.gz", "regression", "cnt", {},
                         ("instant", "casual", "registered", "dteday")),
    "ames_housing": Spec("ames_housing.tsv.gz", "regression", "SalePrice", {"sep": "\t"}, ("Order", "PID")),
    "boston": Spec("boston_housing.data.gz", "regression", 13, SPACES),
    "abalone": Spec("abalone.csv.gz", "regression", 8, HEADLESS),
    "protein": Spec("protein_casp.txt.gz", "regression", 9, SPACES),
    "kin8nm": Spec("kin8nm.txt.gz", "regression", 8, SPACES),
    "power_plant": Spec("power_plant.txt.gz", "regression", 4, SPACES),
}


@dataclass
class Table:
    name: str
    kind: str
    x: np.ndarray  # float32 [rows, features], NaN where missing; category codes where categories > 0
    categories: np.ndarray  # int32 [features]
    y: np.ndarray  # float64 [rows]
    fold: np.ndarray  # int32 [rows]
    classes: int

    def write(self, path: pathlib.Path) -> None:
        kinds = {"regression": 0, "binary": 1, "multiclass": 2}
        head = np.array([len(self.y), self.x.shape[1], kinds[self.kind], self.classes, FOLDS], np.int64)
        with path.open("wb") as file:
            for array in (head, self.categories, self.fold, self.y, np.ascontiguousarray(self.x.T)):
                file.write(array.tobytes())


def load(name: str, data: pathlib.Path) -> Table:
    spec = SPECS[name]
    frame = pd.read_csv(data / "tabular" / spec.file, **spec.read)
    target = frame.columns[spec.target] if isinstance(spec.target, int) else spec.target
    frame = frame[frame[target].notna()]
    y = frame[target]
    frame = frame.drop(columns=[target, *spec.drop])
    columns, categories = [], []
    for column in frame:
        values = frame[column]
        if spec.categorical is True or not pd.api.types.is_numeric_dtype(values):
            # Codes by falling frequency, ties by label: what an encoder that knows nothing of the target does.
            counts = values.dropna().astype(str).value_counts()
            order = sorted(counts.index, key=lambda label: (-counts[label], label))
            codes = values.astype(str).where(values.notna()).map({label: i for i, label in enumerate(order)})
            columns.append(codes.to_numpy(np.float32))
            categories.append(len(order))
        else:
            columns.append(values.to_numpy(np.float32))
            categories.append(0)
    classes = 0
    if spec.kind == "regression":
        targets = y.to_numpy(np.float64)
    else:
        labels = sorted(y.astype(str).unique())
        classes = len(labels)
        targets = y.astype(str).map({label: i for i, label in enumerate(labels)}).to_numpy(np.float64)
    return Table(name, spec.kind, np.column_stack(columns), np.array(categories, np.int32), targets,
                 make_folds(targets, spec.kind), classes)


def make_folds(y: np.ndarray, kind: str) -> np.ndarray:
    """Shuffled by a fixed seed, stratified by class."""
    random = np.random.default_rng(2024)
    order = random.permutation(len(y))
    if kind != "regression":
        order = order[np.argsort(y[order], kind="stable")]
    fold = np.empty(len(y), np.int32)
    fold[order] = np.arange(len(y)) % FOLDS
    return fold
