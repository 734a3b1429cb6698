# SPDX-License-Identifier: Apache-2.0
"""One judge for both contestants: AUC, log loss, RMSE of predictions, and a paired bootstrap of their difference.

Predictions are files with a column per class, `probability:NAME` (or one column `prediction` of numbers).
"""
import numpy as np
import pandas as pd

DRAWS = 1000
SMALLEST = 1e-7  # probabilities are clipped to it, for both: a class that a forest never saw must not cost infinity


def predictions_of_csv(path):
    frame = pd.read_csv(path)
    columns = [name for name in frame.columns if name.startswith("probability:")]
    if not columns:
        return frame["prediction"]
    return frame[columns].rename(columns=lambda name: name.removeprefix("probability:"))


def losses_of(metric, y, predictions):
    """What each row costs; the metric is a function of the weighted mean."""
    if metric == "rmse":
        return (y.to_numpy(float) - predictions.to_numpy(float)) ** 2
    shares = np.clip(predictions.to_numpy(float), SMALLEST, None)
    shares /= shares.sum(axis=1, keepdims=True)
    place = {name: i for i, name in enumerate(predictions.columns)}
    return -np.log(shares[np.arange(len(y)), [place[label] for label in y.astype(str)]])


def scorer(metric, y, predictions):
    """A function of the rows' weights."""
    if metric == "auc":
        positive = y.astype(str).to_numpy() == sorted(y.astype(str).unique())[-1]
        name = sorted(predictions.columns)[-1]
        values, rank = np.unique(predictions[name].to_numpy(float), return_inverse=True)

        def auc(weights):
            ups = np.bincount(rank, weights * positive, len(values))
            downs = np.bincount(rank, weights * ~positive, len(values))
            below = np.cumsum(downs) - downs / 2
            return float(ups @ below / (ups.sum() * downs.sum()))

        return auc
    losses = losses_of(metric, y, predictions)
    root = np.sqrt if metric == "rmse" else lambda value: value
    return lambda weights: float(root(weights @ losses / weights.sum()))


def score(metric, y, predictions):
    return scorer(metric, y, predictions)(np.ones(len(y)))


def difference(metric, y, ours, theirs):
    """By how much ours is ahead (more AUC, less loss), and its standard error over resampled test rows."""
    sign = 1 if metric == "auc" else -1
    a, b = scorer(metric, y, ours), scorer(metric, y, theirs)
    random = np.random.default_rng(7)
    rows = len(y)
    draws = []
    for _ in range(DRAWS):
        weights = np.bincount(random.integers(0, rows, rows), minlength=rows).astype(float)
        draws.append(sign * (a(weights) - b(weights)))
    every = np.ones(rows)
    return {"rows": rows, "advantage": sign * (a(every) - b(every)), "standard_error": float(np.std(draws, ddof=1))}
