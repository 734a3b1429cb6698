# SPDX-License-Identifier: Apache-2.0
"""lightgbm, xgboost and catboost as their users get them: the scikit-learn interface at its defaults, categories named.

A frame's columns are float32 or text; text is a category. One thread, no other setting (the seeds are their defaults).
"""
import catboost
import lightgbm
import numpy as np
import pandas as pd
import xgboost


def text_columns(frame):
    return [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]


def as_categories(train, test):
    """Text columns as pandas categories of the same codes in both frames."""
    train, test = train.copy(), test.copy()
    for name in text_columns(train):
        kind = pd.CategoricalDtype(sorted(pd.concat([train[name], test[name]]).dropna().unique()))
        train[name], test[name] = train[name].astype(kind), test[name].astype(kind)
    return train, test


def as_text(train, test):
    """CatBoost takes text; a missing category is a category."""
    texts = text_columns(train)
    return train.fillna({name: "missing" for name in texts}), test.fillna({name: "missing" for name in texts})


def predict(tool, kind, train, y, test):
    """[rows, classes] probabilities, or [rows] numbers, of the test frame."""
    regression = kind == "regression"
    if tool == "catboost":
        train, test = as_text(train, test)
        maker = catboost.CatBoostRegressor if regression else catboost.CatBoostClassifier
        model = maker(thread_count=1, verbose=0, allow_writing_files=False, cat_features=text_columns(train))
    else:
        train, test = as_categories(train, test)
        if tool == "lightgbm":
            model = (lightgbm.LGBMRegressor if regression else lightgbm.LGBMClassifier)(n_jobs=1, verbosity=-1)
        else:
            maker = xgboost.XGBRegressor if regression else xgboost.XGBClassifier
            model = maker(n_jobs=1, enable_categorical=True)
    model.fit(train, y if regression else y.astype(int))
    return np.asarray(model.predict(test) if regression else model.predict_proba(test), float)
