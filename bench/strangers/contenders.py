"""Simple methods as a careful user would take them: prepared, tuned by inner validation, within the same time.

Each contender is a list of candidates, the likeliest first. As many as the time allows are judged on three folds of the
training rows; the best is fitted on all of them. Pictures are rows of pixels here; series have a file of their own.
"""

import time
import warnings
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

FOLDS = 3
CORES = 2
LEAST_SHARE = 1e-6  # of a class, for all: one certain mistake must not outweigh all else
SIDE = 32  # larger pictures are made smaller: simple methods know no shapes
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
    heads = (
        kind(300, min_samples_leaf=leaf, max_features=share, random_state=0, n_jobs=CORES) for leaf, share in choices
    )
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


def neighbours(frame: pd.DataFrame, has_classes: bool) -> list[BaseEstimator]:
    """The classes of the most similar pictures, by their main components."""
    most = min(40, len(frame) // 2)
    return [make_pipeline(StandardScaler(with_std=False), PCA(most, random_state=0), _Near(k)) for k in (5, 1, 10, 3)]


def pixels(frame: pd.DataFrame, has_classes: bool) -> list[BaseEstimator]:
    """Logistic regression on pixels."""
    strengths = (0.01, 0.001, 0.1, 1.0)
    return [make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=100)) for c in strengths]


def pixel_forest(frame: pd.DataFrame, has_classes: bool) -> list[BaseEstimator]:
    """A random forest on pixels."""
    return [RandomForestClassifier(300, min_samples_leaf=n, random_state=0, n_jobs=CORES) for n in (1, 3)]


OF_TABLES: dict[str, Candidates] = {"linear": linear, "forest": forest, "boosted": boosted}
OF_TEXTS: dict[str, Candidates] = {"tfidf": tfidf}
OF_PICTURES: dict[str, Candidates] = {"neighbours": neighbours, "pixels": pixels, "pixel forest": pixel_forest}


def losses(candidates: Candidates, train: pd.DataFrame, test: pd.DataFrame, has_classes: bool, until: float) -> Any:
    """(n,) what each test row costs: log loss, or the squared error; NaN for classes that training did not have.

    Args:
        until: On the clock of `time.monotonic`.
    """
    X, y = train.drop(columns="target"), train["target"]
    found = candidates(X, has_classes)
    kind = StratifiedKFold if has_classes else KFold
    folds = kind(FOLDS, shuffle=True, random_state=0)
    began, scores = time.monotonic(), []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for candidate in found:
            began_one = time.monotonic()
            each = [_losses(candidate.fit(X.iloc[a], y.iloc[a]), X.iloc[b], y.iloc[b]) for a, b in folds.split(X, y)]
            scores.append(float(np.nanmean(np.concatenate(each))))
            took = time.monotonic() - began_one
            if time.monotonic() + took > began + TUNING_SHARE * (until - began):
                break
        best = found[int(np.argmin(scores))].fit(X, y)
        return _losses(best, test.drop(columns="target"), test["target"])


def pixel_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Pictures as rows of numbers from 0 to 1."""
    from PIL import Image

    def row(picture: np.ndarray) -> np.ndarray:
        image = Image.fromarray(picture)
        image = image.resize((SIDE, SIDE)) if max(image.size) > SIDE else image
        return np.asarray(image, np.float32).ravel() / 255

    rows = pd.DataFrame(np.stack([row(picture) for picture in frame["picture"]]), index=frame.index)
    return rows.rename(columns=str).assign(target=frame["target"])


def _losses(model: Any, X: pd.DataFrame, y: pd.Series) -> np.ndarray:
    if not hasattr(model, "predict_proba"):
        return (y.to_numpy(float) - model.predict(X)) ** 2
    shares = np.clip(model.predict_proba(X), LEAST_SHARE, 1)
    places = pd.Index(model.classes_).get_indexer(y)
    return np.where(places >= 0, -np.log(shares[np.arange(len(y)), places]), np.nan)


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


class _Near(ClassifierMixin, BaseEstimator):
    """Nearest neighbours, of which one more votes as all training rows do: no class is impossible."""

    def __init__(self, count: int):
        self.count = count

    def fit(self, X: np.ndarray, y: pd.Series) -> "_Near":
        self.model_ = KNeighborsClassifier(self.count, weights="distance").fit(X, y)
        self.classes_, counts = np.unique(y, return_counts=True)
        self.shares_ = counts / counts.sum()
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        return (self.count * self.model_.predict_proba(X) + self.shares_) / (self.count + 1)
