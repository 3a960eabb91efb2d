"""Simple methods as a careful user would take them: prepared, tuned by inner validation, within the same time.

Each contender is a list of candidates, the likeliest first. As many as the time allows are judged on three folds of the
training rows; the best is fitted on all of them.
"""

import time
import warnings
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss, root_mean_squared_error
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

FOLDS = 3
TUNING_SHARE = 0.6  # of the time; the last fit on all rows takes the rest
Candidates = Callable[[pd.DataFrame, bool], list[BaseEstimator]]


def linear(frame: pd.DataFrame, has_classes: bool) -> list[BaseEstimator]:
    """Logistic or ridge regression on scaled numbers and one-hot categories."""
    strengths = (1.0, 0.1, 10.0, 0.01, 100.0)
    heads = (LogisticRegression(C=c, max_iter=2000) if has_classes else Ridge(1 / c) for c in strengths)
    return [make_pipeline(_columns(frame, is_scaled=True), head) for head in heads]


def forest(frame: pd.DataFrame, has_classes: bool) -> list[BaseEstimator]:
    """A random forest."""
    kind = RandomForestClassifier if has_classes else RandomForestRegressor
    choices = product((1, 3, 10), ("sqrt", 0.5))
    heads = (kind(300, min_samples_leaf=leaf, max_features=share, random_state=0) for leaf, share in choices)
    return [make_pipeline(_columns(frame, is_scaled=False), head) for head in heads]


def boosted(frame: pd.DataFrame, has_classes: bool) -> list[BaseEstimator]:
    """Boosted trees on histograms, stopped early by rows held out."""
    kind = HistGradientBoostingClassifier if has_classes else HistGradientBoostingRegressor
    choices = ((0.1, 31), (0.05, 31), (0.05, 15), (0.03, 8), (0.1, 63))
    heads = (
        kind(learning_rate=r, max_leaf_nodes=n, early_stopping=True, max_iter=600, random_state=0) for r, n in choices
    )
    return [make_pipeline(_columns(frame, is_scaled=False), head) for head in heads]


def tfidf(frame: pd.DataFrame, has_classes: bool) -> list[BaseEstimator]:
    """Logistic regression on TF-IDF weights of words, pairs and parts of words."""
    found = []
    for strength, has_parts in product((3.0, 10.0, 1.0, 30.0), (True, False)):
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=1)
        parts = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2)
        weights = make_union(words, parts) if has_parts else words
        found.append(make_pipeline(_Only("text"), weights, LogisticRegression(C=strength, max_iter=2000)))
    return found


OF_TABLES: dict[str, Candidates] = {"linear": linear, "forest": forest, "boosted": boosted}
OF_TEXTS: dict[str, Candidates] = {"tfidf": tfidf}


def answer(candidates: Candidates, train: pd.DataFrame, test: pd.DataFrame, has_classes: bool, until: float) -> float:
    """The log loss or root mean squared error on the test rows.

    Args:
        until: On the clock of `time.monotonic`.
    """
    X, y = train.drop(columns="target"), train["target"]
    found = candidates(X, has_classes)
    folds = (
        StratifiedKFold(FOLDS, shuffle=True, random_state=0)
        if has_classes
        else KFold(FOLDS, shuffle=True, random_state=0)
    )
    began, scores = time.monotonic(), []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for candidate in found:
            began_one = time.monotonic()
            losses = [_loss(candidate.fit(X.iloc[a], y.iloc[a]), X.iloc[b], y.iloc[b]) for a, b in folds.split(X, y)]
            scores.append(float(np.mean(losses)))
            took = time.monotonic() - began_one
            if time.monotonic() + took > began + TUNING_SHARE * (until - began):
                break
        best = found[int(np.argmin(scores))].fit(X, y)
        return _loss(best, test.drop(columns="target"), test["target"])


def _loss(model: Any, X: pd.DataFrame, y: pd.Series) -> float:
    if not hasattr(model, "predict_proba"):
        return float(root_mean_squared_error(y, model.predict(X)))
    shares = np.clip(model.predict_proba(X), 1e-15, 1)
    known = y.isin(model.classes_).to_numpy()
    return float(log_loss(y[known], shares[known], labels=model.classes_))


def _columns(frame: pd.DataFrame, is_scaled: bool) -> ColumnTransformer:
    """Numbers filled (and scaled), words as numbers; words that hardly repeat are left out."""
    numbers = frame.select_dtypes("number").columns.tolist()
    words = [name for name in frame if name not in numbers and frame[name].nunique() <= max(20, 0.5 * len(frame))]
    filled = SimpleImputer(strategy="median", add_indicator=True)
    number = make_pipeline(filled, StandardScaler()) if is_scaled else filled
    rare = {"min_frequency": 2, "handle_unknown": "infrequent_if_exist"}
    coded = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return ColumnTransformer(
        [
            ("numbers", number, numbers),
            ("words", make_pipeline(_AsWords(), OneHotEncoder(**rare) if is_scaled else coded), words),
        ]
    )


class _AsWords(BaseEstimator):
    def fit(self, X: pd.DataFrame, y: Any = None) -> "_AsWords":
        self.fitted_ = True
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        return X.astype("object").where(X.notna(), "missing").astype(str)


class _Only(BaseEstimator):
    """One column."""

    def __init__(self, name: str):
        self.name = name

    def fit(self, X: pd.DataFrame, y: Any = None) -> "_Only":
        self.fitted_ = True
        return self

    def transform(self, X: pd.DataFrame) -> pd.Series:
        return X[self.name]
