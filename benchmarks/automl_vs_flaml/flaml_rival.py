# SPDX-License-Identifier: Apache-2.0
"""FLAML on FOLDER/train.csv within a time limit; its predictions of test.csv become FOLDER/flaml.csv. Prints one JSON line.

FLAML gets what its users give it: a pandas frame whose text columns are categories; everything else is at its defaults.
"""
import argparse
import json
import pathlib
import time

import pandas as pd
from flaml import AutoML

METRICS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}


def read(path, kinds):
    frame = pd.read_csv(path)
    y = frame.pop("y")
    for column in frame:
        if kinds.get(column) is not None:
            frame[column] = frame[column].astype(kinds[column])
        elif not pd.api.types.is_numeric_dtype(frame[column]):
            frame[column] = frame[column].astype("category")
    return frame, y


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--kind", choices=METRICS, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    arguments = parser.parse_args()
    x, y = read(arguments.folder / "train.csv", {})
    kinds = {name: kind for name, kind in x.dtypes.items() if isinstance(kind, pd.CategoricalDtype)}
    test, _ = read(arguments.folder / "test.csv", kinds)
    regression = arguments.kind == "regression"
    automl = AutoML()
    start = time.monotonic()
    automl.fit(x, y if regression else y.astype(str), task="regression" if regression else "classification",
               metric=METRICS[arguments.kind], time_budget=arguments.seconds, n_jobs=1, seed=arguments.seed, verbose=0)
    took = time.monotonic() - start
    if regression:
        frame = pd.DataFrame({"prediction": automl.predict(test)})
    else:
        frame = pd.DataFrame(automl.predict_proba(test), columns=[f"probability:{name}" for name in automl.classes_])
    frame.to_csv(arguments.folder / "flaml.csv", index=False)
    print(json.dumps({"own_time_s": round(took, 1), "best": automl.best_estimator,
                      "settings": {name: value if isinstance(value, (int, float, str)) else str(value)
                                   for name, value in (automl.best_config or {}).items()}}))


if __name__ == "__main__":
    main()
