"""Simple models that judge data and not networks: is there a link between inputs and targets at all?

Cross-validated, so that what they say holds for examples that they have not seen.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

MOST_ROWS, MOST_COLUMNS, MOST_IDS = 2000, 256, 2000
FOLDS = 3


@dataclass(frozen=True)
class Link:
    """What cross-validated simple models say: skill (accuracy above the most frequent class, or R²), and how sure."""

    skill: float
    error: float  # standard error of the skill
    probabilities: np.ndarray | None = None

    @property
    def is_there(self) -> bool:
        """Whether it is not chance."""
        return self.skill > max(0.02, 3 * self.error)


def features(X: Tensor) -> np.ndarray:
    """(N, D) numbers: columns as they are, ids counted, pictures made small."""
    if not X.is_floating_point():
        ids = X.flatten(1).clamp(min=0).long() if X.dim() > 1 else X[:, None].long()
        if int(ids.max()) < MOST_IDS and X.dim() == 2 and X.shape[1] > 1:
            counts = torch.zeros(len(ids), int(ids.max()) + 1)
            counts.scatter_add_(1, ids, torch.ones(ids.shape))
            return counts.numpy()
        return ids.float().numpy()
    if X.dim() == 4 and X[0].numel() > MOST_COLUMNS:
        side = max(2, int((MOST_COLUMNS / X.shape[1]) ** 0.5))
        X = torch.nn.functional.adaptive_avg_pool2d(X.float(), side)
    flat = torch.nan_to_num(X.float().flatten(1) if X.dim() > 1 else X[:, None].float())
    return flat[:, :: max(1, flat.shape[1] // MOST_COLUMNS)].numpy()


def link(X: np.ndarray, y: np.ndarray, is_class: bool, seed: int = 0) -> Link:
    """The better of a linear model and a forest, by cross-validation."""
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    if is_class:
        kinds, counts = np.unique(y, return_counts=True)
        if len(kinds) < 2 or counts.min() < 1 or len(y) < 30:
            return Link(0.0, 1.0)
        codes = np.searchsorted(kinds, y)
        best = None
        for model in (
            ExtraTreesClassifier(100, min_samples_leaf=2, random_state=seed),
            make_pipeline(StandardScaler(), LogisticRegression(max_iter=300, C=0.5)),
        ):
            probabilities = _probabilities(model, X, codes, folds, len(kinds))
            right = (probabilities.argmax(1) == codes).mean()
            if best is None or right > best[0]:
                best = (right, probabilities)
        assert best is not None
        usual = counts.max() / len(y)
        return Link(float(best[0] - usual), float(np.sqrt(usual * (1 - usual) / len(y))) + 1e-9, best[1])
    skills = []
    for model in (
        ExtraTreesRegressor(100, min_samples_leaf=2, random_state=seed),
        make_pipeline(StandardScaler(), Ridge(1.0)),
    ):
        said = cross_val_predict(model, X, y, cv=folds)
        skills.append(1 - float(((y - said) ** 2).mean() / (y.var() + 1e-12)))
    return Link(max(skills), 1 / np.sqrt(len(y)) / 2)


def _probabilities(model: object, X: np.ndarray, codes: np.ndarray, folds: object, classes: int) -> np.ndarray:
    """(N, K), each row by a model that has not seen it."""
    found = np.zeros((len(codes), classes))
    for train, test in folds.split(X):  # type: ignore[attr-defined]
        if len(np.unique(codes[train])) < 2:
            found[np.ix_(test, [codes[train][0]])] = 1
            continue
        model.fit(X[train], codes[train])  # type: ignore[attr-defined]
        found[np.ix_(test, model.classes_)] = model.predict_proba(X[test])  # type: ignore[attr-defined]
    return found


def chosen(count: int, most: int = MOST_ROWS) -> np.ndarray:
    """The first rows, in their order."""
    return np.arange(min(count, most))
