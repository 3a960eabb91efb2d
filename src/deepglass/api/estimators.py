"""`dg.Classifier` and `dg.Regressor`: the tabular models behind scikit-learn's contract.

They clone, pickle, and work in `Pipeline`, `GridSearchCV`, `AdaBoostClassifier` and `cross_val_score`. A DataFrame may
hold categories, dates and empty cells; an array must be numeric, and may hold NaN.
"""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_consistent_length, check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor

from deepglass.api.estimation import blending
from deepglass.api.estimation import settings as own_settings
from deepglass.api.estimation.frames import frame_of, has_plain_numbers
from deepglass.api.estimation.learner import TableLearner
from deepglass.api.estimation.rows import Rows, rows_of
from deepglass.core import seeds
from deepglass.core.errors import DataError, OptionError
from deepglass.data import folds
from deepglass.data.examples import InMemory
from deepglass.data.preprocess.tabular import TabularPreprocessor
from deepglass.data.splits import draw
from deepglass.runs import options as option_space
from deepglass.training.loop import fit
from deepglass.training.plan import seconds_of
from deepglass.training.table_defaults import OWN_RATE
from deepglass.zoo import architectures

VAL_FRACTION = 0.1


class _TabularEstimator(BaseEstimator):
    """What classifier and regressor share.

    Args:
        model: A model for tables: "tabm", "mlp", "linear" (`deepglass models --task tabular-classification`).
        epochs: Passes over the rows; chosen by their number when left out.
        learning_rate: Chosen by the model when left out.
        batch_size: Rows per step; chosen by their number when left out.
        val_fraction: Share of the rows that choose the best epoch.
        bags: Networks that share the rows, each judged by those that it leaves out; their answers are averaged. 5 are
            usually better than 1 where rows are few, and take five times as long. `deepglass train` does so of itself;
            an estimator is fitted many times in searches, and rows of weight 2 shall equal two rows, so it waits to
            be asked.
        blend: Whether to mix in a linear model, boosted trees and a forest where rows held out ask for it; the weights
            are in `blend_`. Off for the same reasons.
        settings: Further options of training or of the model, such as {"dropout": 0.2, "optimizer": "sgd"}; each is a
            parameter of its own in searches, `settings__dropout`.
        random_state: Seed of weights, order and validation rows.
    """

    task: str

    def __init__(
        self,
        model: str = "tabm",
        *,
        epochs: float | None = None,
        learning_rate: float | None = None,
        batch_size: int | None = None,
        val_fraction: float = VAL_FRACTION,
        bags: int = 1,
        blend: bool = False,
        settings: dict[str, Any] | None = None,
        random_state: int | np.random.RandomState | None = 0,
    ):
        self.model = model
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.val_fraction = val_fraction
        self.bags = bags
        self.blend = blend
        self.settings = settings
        self.random_state = random_state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        return tags

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters by name; with `deep` each of the settings too, as `settings__NAME`."""
        params = super().get_params(deep)
        settings = self.settings if deep and isinstance(self.settings, Mapping) else {}
        return params | {f"settings__{name}": value for name, value in settings.items()}

    def set_params(self, **params: Any) -> Any:
        """Set parameters; `settings__dropout=0.2` sets one of the settings and keeps the others."""
        prefix = "settings__"
        nested = {name.removeprefix(prefix): params.pop(name) for name in list(params) if name.startswith(prefix)}
        super().set_params(**params)
        if nested:
            self.settings = {**(self.settings or {}), **nested}
        return self

    def _fit(self, rows: Rows, num_outputs: int, classes: np.ndarray | None) -> None:
        began, asked = time.monotonic(), own_settings.chosen(self)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        own_settings.require_bags(self, len(rows), VAL_FRACTION)
        train, val, fold = self._divided(rows, seed, rows.target if classes is not None else None)
        scaling = asked.task.get("scaling", "quantile")
        kept = tuple(rows.frame.columns)
        self.preprocessor_ = TabularPreprocessor.fit(rows.frame.iloc[rows.repeated(train)], scaling=scaling, keep=kept)
        config = option_space.train_config(asked.train | {"seed": seed}, self._defaults(len(train)))
        own_settings.refuse_unused(self, asked, config)
        weights, draws = self._weights(rows, asked, classes, train)
        if weights is not None and own_settings.has_criterion(self):
            raise OptionError(
                f"sample_weight: the criterion of the {self.model} knows no weights: choose another model"
            )
        budget = seconds_of(config.budget) if config.budget else None
        has_folds = fold is not None
        learner = TableLearner(classes is not None, weights is not None, config, has_folds)
        target = torch.from_numpy(rows.target)
        target = target if classes is not None else target.float()
        inputs = [*self._inputs(rows.frame), *([torch.from_numpy(fold)] if has_folds else [])]
        examples = InMemory(*inputs, target, *([] if weights is None else [weights]))
        dims = self._dims(num_outputs) | ({"bags": self.bags} if has_folds else {})
        own_settings.refuse_unused_settings(self, asked, dims)
        num_classes, rivals = None if classes is None else num_outputs, []
        if self.blend:
            own_settings.require_blend(self, asked, rows.has_weights, has_folds or train is not val)
            held = fold if has_folds else np.where(np.isin(np.arange(len(rows)), val), 0, -1)
            rivals = blending.fit_rivals(examples, held, num_classes, self.preprocessor_, budget)
        seeds.seed_everything(seed)
        network = architectures.load(self.model, task=self.task, **dims, **asked.model)
        parts = [examples.subset(torch.as_tensor(part)) for part in (train, val)]
        deadline = began + budget if budget else None
        fitted = fit(network, learner, *parts, config, deadline=deadline, sample_weights=draws)
        model, self.blend_ = blending.blended(fitted.model.cpu(), parts[1], rivals, num_classes)
        self.network_, self.n_iter_ = model.double(), len(fitted.history)

    def _predict(self, X: Any) -> Tensor:
        """The network's answers, in double precision so that they do not depend on the size of the batch."""
        check_is_fitted(self)
        numeric, categories = self._inputs(frame_of(self, X, reset=False))
        with torch.no_grad():
            return self.network_.eval()(numeric.double(), categories)

    def _defaults(self, count: int) -> dict[str, Any]:
        small = {"epochs": 60, "batch_size": 32} if count < 2000 else {"epochs": 20, "batch_size": 256}
        common = {**small, "learning_rate": 3e-3, "patience": 10, "precision": "float32"}
        return common | OWN_RATE.get(self.model, {})

    def _dims(self, num_outputs: int) -> dict[str, Any]:
        fitted = self.preprocessor_
        sizes = {"num_features": fitted.num_features, "cardinalities": fitted.cardinalities}
        return sizes | {"bin_edges": fitted.bin_edges, "num_outputs": num_outputs}

    def _divided(
        self, rows: Rows, seed: int, labels: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Rows that train and rows that validate, and of a bag which network leaves out each row."""
        if self.bags > 1:
            every = np.arange(len(rows))
            return every, every, folds.places(len(rows), self.bags, seed, labels, None)
        return *self._validation_rows(rows, seed, labels), None

    def _validation_rows(self, rows: Rows, seed: int, labels: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        places = np.arange(len(rows))
        if not 0 < self.val_fraction < 1:
            raise OptionError(f"val_fraction: expected a share between 0 and 1, got {self.val_fraction:g}")
        if rows.is_few and self.val_fraction == VAL_FRACTION:
            return places, places
        return draw(places, self.val_fraction, seed, labels=labels)

    def _weights(
        self, rows: Rows, asked: own_settings.Chosen, classes: np.ndarray | None, train: np.ndarray
    ) -> tuple[Tensor | None, Tensor | None]:
        """What each row counts in the loss, and how often each training row is drawn; None where all are alike."""
        weights, draws = rows.weights, None
        if asked.class_weight is not None and classes is not None:
            codes = rows.target[train]
            each = own_settings.weights_of_classes(asked.class_weight, codes, classes, rows.weights[train])[rows.target]
            if asked.class_weight == "sampler":
                draws = torch.from_numpy(each[train])
            else:
                weights = weights * each
        has_weights = rows.has_weights or asked.class_weight not in (None, "sampler")
        return torch.from_numpy(weights).float() if has_weights else None, draws

    def _inputs(self, frame: pd.DataFrame) -> tuple[Tensor, Tensor]:
        numeric, categories = self.preprocessor_.transform(frame)
        return torch.from_numpy(numeric), torch.from_numpy(categories)


class Classifier(ClassifierMixin, _TabularEstimator):
    __doc__ = f"""A network for classes on tables, as a scikit-learn estimator.
    {(_TabularEstimator.__doc__ or "").partition(".")[2].rstrip()}
        class_weight: What a mistake on each class costs: a dict of label → weight, or "balanced"; "sampler" draws rows
            of rare classes more often instead.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> Classifier(epochs=30).fit(*load_iris(return_X_y=True)).score(*load_iris(return_X_y=True)) > 0.9
        True
    """

    task = "tabular-classification"

    def __init__(
        self,
        model: str = "tabm",
        *,
        epochs: float | None = None,
        learning_rate: float | None = None,
        batch_size: int | None = None,
        val_fraction: float = VAL_FRACTION,
        bags: int = 1,
        blend: bool = False,
        class_weight: dict[Any, float] | str | None = None,
        settings: dict[str, Any] | None = None,
        random_state: int | np.random.RandomState | None = 0,
    ):
        super().__init__(
            model,
            epochs=epochs,
            learning_rate=learning_rate,
            batch_size=batch_size,
            val_fraction=val_fraction,
            bags=bags,
            blend=blend,
            settings=settings,
            random_state=random_state,
        )
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "Classifier":
        """Learn from rows X (n_samples, n_features), their classes y (n_samples,) and what each row counts.

        Raises:
            ValueError: If y holds fewer than two classes, or X and y do not fit each other.
        """
        frame, y = _checked(self, X, y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"expected at least two classes in y, got only one class: {self.classes_[0]!r}")
        self._fit(rows_of(frame, codes, sample_weight), len(self.classes_), self.classes_)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities (n_samples, n_classes), columns in the order of `classes_`."""
        logits = self._predict(X)
        shares = logits.softmax(dim=-1)
        return (shares.mean(dim=1) if shares.dim() == 3 else shares).numpy()

    def predict(self, X: Any) -> np.ndarray:
        """The likeliest class of each row."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]


class Regressor(RegressorMixin, _TabularEstimator):
    __doc__ = f"""A network for values on tables, as a scikit-learn estimator.
    {(_TabularEstimator.__doc__ or "").partition(".")[2]}"""

    task = "tabular-regression"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "Regressor":
        """Learn from rows X (n_samples, n_features), their values y (n_samples,) and what each row counts.

        Raises:
            DataError: If y holds something else than numbers.
            OptionError: If the loss of the model knows no weights, and some are given.
        """
        frame, y = _checked(self, X, y, y_numeric=True)
        rows = rows_of(frame, np.asarray(y, dtype=np.float64), sample_weight)
        known = rows.target[rows.repeated(np.arange(len(rows)))]
        self.mean_, self.scale_ = float(known.mean()), float(known.std()) or 1.0
        rows.target = (rows.target - self.mean_) / self.scale_
        self._fit(rows, 1, None)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The value of each row."""
        return _mean_of_members(self._predict(X)).numpy() * self.scale_ + self.mean_


def _mean_of_members(answers: Tensor) -> Tensor:
    """(B, 1) or (B, members, 1) → (B,)."""
    return answers.flatten(1).mean(dim=1)


def _checked(estimator: BaseEstimator, X: Any, y: Any, y_numeric: bool = False) -> tuple[pd.DataFrame, np.ndarray]:
    """X as a frame and y as an array, after scikit-learn's own checks."""
    X = X.to_pandas() if hasattr(X, "to_pandas") and not isinstance(X, pd.DataFrame) else X
    if isinstance(X, pd.DataFrame) and not has_plain_numbers(X):
        frame = frame_of(estimator, X)
        check_consistent_length(frame, y)
        return frame, _labels(column_or_1d(y, warn=True), y_numeric)
    frame = frame_of(estimator, X)
    kinds = {"dtype": np.float64, "ensure_all_finite": "allow-nan", "accept_sparse": True}
    _, y = validate_data(estimator, X, y, y_numeric=y_numeric, multi_output=False, **kinds)
    return frame, y


def _labels(y: np.ndarray, y_numeric: bool) -> np.ndarray:
    """A target without gaps.

    Raises:
        DataError: If a label is missing, or a value is not a number.
    """
    if (missing := np.flatnonzero(pd.isna(y))).size:
        raise DataError(f"Input y contains NaN, first in row {missing[0] + 1}: expected a target in every row")
    if not y_numeric:
        return y
    try:
        return np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"y holds {str(y[0])!r}: expected numbers; dg.Classifier learns classes") from None
