"""Simple models that judge data and not networks: is there a link between inputs and targets at all?

Cross-validated, so that what they say holds for examples that they have not seen.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

MOST_ROWS, MOST_COLUMNS, MOST_IDS = 2000, 256, 2000
MOST_BY_CHANCE = 4.0  # standard errors of an area under the curve: two models and several classes are looked at
FOLDS, TREES, ITERATIONS = 3, 100, 300


@dataclass(frozen=True)
class Link:
    """What cross-validated simple models say: skill (accuracy above the most frequent class, or R²), and how sure.

    Where one class is frequent, accuracy says nothing: then the order of the answers does.
    """

    skill: float
    error: float  # standard error of the skill
    probabilities: np.ndarray | None = None
    sigmas: float = 0.0  # how far the area under the ROC curve of the clearest class lies above one half

    @property
    def is_there(self) -> bool:
        """Whether it is not chance."""
        return self.skill > max(0.02, 3 * self.error) or self.sigmas > MOST_BY_CHANCE


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


def places(ids: Tensor, targets: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Of texts (N, T) with a target for every word: the word and those beside it (M, 3V), and its target (M,)."""
    V = int(ids.max()) + 1
    beside = torch.stack([ids.roll(1, 1), ids, ids.roll(-1, 1)], dim=2)[:, 1:-1].flatten(0, 1)[:MOST_ROWS]  # (M, 3)
    words = torch.nn.functional.one_hot(beside, V).flatten(1).float()
    return words.numpy(), targets[:, 1:-1].flatten()[:MOST_ROWS].double().numpy()


def features_of(parts: tuple[Tensor, ...]) -> list[np.ndarray]:
    """Of several sets the features, with the same columns; ids may be padded to different lengths."""
    if parts[0].is_floating_point():
        return [features(part) for part in parts]
    widest = max(part.shape[1] for part in parts)
    padded = [torch.nn.functional.pad(part, (0, widest - part.shape[1])) for part in parts]
    both = features(torch.cat(padded))
    return list(np.split(both, np.cumsum([len(part) for part in parts])[:-1]))


def transferred(X: np.ndarray, y: np.ndarray, Xn: np.ndarray, yn: np.ndarray, is_class: bool, seed: int = 0) -> float:
    """The skill on other examples of the better of two simple models that have learnt from these."""
    skills = []
    for model in models(is_class, seed):
        model.fit(X, y)
        said = model.predict(Xn)
        if is_class:
            usual = np.unique(yn, return_counts=True)[1].max() / len(yn)
            skills.append(float((said == yn).mean() - usual))
        else:
            skills.append(1 - float(((yn - said) ** 2).mean() / (yn.var() + 1e-12)))
    return max(skills)


def models(is_class: bool, seed: int) -> tuple[Any, Any]:
    """A forest and a linear model."""
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if is_class:
        forest, line = ExtraTreesClassifier, LogisticRegression(max_iter=ITERATIONS, C=0.5)
    else:
        forest, line = ExtraTreesRegressor, Ridge(1.0)
    return forest(TREES, min_samples_leaf=2, random_state=seed), make_pipeline(StandardScaler(), line)


def link(X: np.ndarray, y: np.ndarray, is_class: bool, seed: int = 0) -> Link:
    """The better of a linear model and a forest, by cross-validation."""
    from sklearn.model_selection import KFold, cross_val_predict

    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    if is_class:
        kinds, counts = np.unique(y, return_counts=True)
        if len(kinds) < 2 or counts.min() < 1 or len(y) < 30:
            return Link(0.0, 1.0)
        codes = np.searchsorted(kinds, y)
        best, clearest = None, 0.0
        for model in models(True, seed):
            probabilities = _probabilities(model, X, codes, folds, len(kinds))
            right = (probabilities.argmax(1) == codes).mean()
            clearest = max(clearest, sigmas_of(probabilities, codes))
            if best is None or right > best[0]:
                best = (right, probabilities)
        assert best is not None
        usual = counts.max() / len(y)
        error = float(np.sqrt(usual * (1 - usual) / len(y))) + 1e-9
        return Link(float(best[0] - usual), error, best[1], clearest)
    skills = []
    for model in models(False, seed):
        said = cross_val_predict(model, X, y, cv=folds)
        skills.append(1 - float(((y - said) ** 2).mean() / (y.var() + 1e-12)))
    return Link(max(skills), 1 / np.sqrt(len(y)) / 2)


def sigmas_of(probabilities: np.ndarray, codes: np.ndarray) -> float:
    """The area under the ROC curve of each class above one half, in its standard errors under chance; the largest."""
    from scipy.stats import rankdata

    found = [0.0]
    for code in range(probabilities.shape[1]):
        own = codes == code
        n, m = int(own.sum()), int((~own).sum())
        if n < 5 or m < 5:
            continue
        area = (rankdata(probabilities[:, code])[own].sum() - n * (n + 1) / 2) / (n * m)
        found.append((area - 0.5) / np.sqrt((n + m + 1) / (12 * n * m)))
    return float(max(found))


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
