"""`dg.Classifier` and `dg.Regressor`: the tabular models behind scikit-learn's contract.

They clone, pickle, and work in `Pipeline`, `GridSearchCV` and `cross_val_score`. A DataFrame may hold categories,
dates and empty cells; an array must be numeric, and may hold NaN.
"""

from typing import Any

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_feature_names, _check_n_features, check_is_fitted, validate_data
from torch import Tensor, nn

from deepglass.api import options as option_space
from deepglass.api.fit import mean_loss
from deepglass.core import seeds
from deepglass.core.errors import DataError
from deepglass.data.examples import Batch, Examples, InMemory
from deepglass.data.preprocess.tabular import TabularPreprocessor
from deepglass.data.splits import draw
from deepglass.models import _build
from deepglass.training.classification import classification_loss
from deepglass.training.loop import fit

FEWEST_FOR_VALIDATION = 40  # rows; below, all of them train and the last epoch is taken


class _TabularEstimator(BaseEstimator):
    """What classifier and regressor share.

    Args:
        model: A model for tables: "tabm", "mlp", "linear" (`deepglass models --task tabular-classification`).
        epochs: Passes over the rows; chosen by their number when left out.
        learning_rate: Chosen by the model when left out.
        batch_size: Rows a step; chosen by their number when left out.
        val_fraction: Share of the rows that choose the best epoch.
        settings: Further options of training or of the model, such as {"dropout": 0.2, "optimizer": "sgd"}.
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
        val_fraction: float = 0.1,
        settings: dict[str, Any] | None = None,
        random_state: int | np.random.RandomState | None = 0,
    ):
        self.model = model
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.val_fraction = val_fraction
        self.settings = settings
        self.random_state = random_state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _fit(self, X: Any, target: Tensor, num_outputs: int, labels: np.ndarray | None) -> None:
        frame = self._frame(X)
        if len(frame) < 2:
            raise DataError("expected at least 2 rows to learn from, got 1 sample: add rows")
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        train, val = self._validation_rows(len(frame), seed, labels)
        self.preprocessor_ = TabularPreprocessor.fit(frame.iloc[train], keep=tuple(frame.columns))
        examples = InMemory(*self._inputs(frame), target)
        options = self._options()
        config = option_space.train_config(options.train | {"seed": seed}, self._defaults(len(train)))
        seeds.seed_everything(seed)
        dims = {
            "num_features": self.preprocessor_.num_features,
            "cardinalities": self.preprocessor_.cardinalities,
            "bin_edges": self.preprocessor_.bin_edges,
            "num_outputs": num_outputs,
        }
        network = _build.load(self.model, task=self.task, **dims, **options.model)
        parts = [examples.subset(torch.as_tensor(rows)) for rows in (train, val)]
        fitted = fit(network, self, *parts, config)
        self.network_, self.n_iter_ = fitted.model.cpu().double(), len(fitted.history)

    def _predict(self, X: Any) -> Tensor:
        """The network's answers, in double precision so that they do not depend on the size of the batch."""
        check_is_fitted(self)
        frame = self._frame(X, reset=False)
        numeric, categories = self._inputs(frame)
        with torch.no_grad():
            return self.network_.eval()(numeric.double(), categories)

    def _options(self) -> option_space.Options:
        given = {"epochs": self.epochs, "learning_rate": self.learning_rate, "batch_size": self.batch_size}
        return option_space.sort({**given, **(self.settings or {})}, self.task, self.model)

    def _defaults(self, count: int) -> dict[str, Any]:
        small = {"epochs": 60, "batch_size": 32} if count < 2000 else {"epochs": 20, "batch_size": 256}
        return {**small, "learning_rate": 3e-3, "patience": 10, "precision": "float32"}

    def _validation_rows(self, count: int, seed: int, labels: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        rows = np.arange(count)
        if count < FEWEST_FOR_VALIDATION:
            return rows, rows
        return draw(rows, self.val_fraction, seed, labels=labels)

    def _frame(self, X: Any, reset: bool = True) -> pd.DataFrame:
        """X as a DataFrame whose columns have the names that were fitted."""
        if isinstance(X, pd.DataFrame) and not all(pd.api.types.is_numeric_dtype(t) for t in X.dtypes):
            _check_feature_names(self, X, reset=reset)
            _check_n_features(self, X, reset=reset)
            return X.reset_index(drop=True)
        array = validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
        names = getattr(self, "feature_names_in_", [f"x{i}" for i in range(array.shape[1])])
        return pd.DataFrame(array, columns=list(names))

    def _inputs(self, frame: pd.DataFrame) -> tuple[Tensor, Tensor]:
        numeric, categories = self.preprocessor_.transform(frame)
        return torch.from_numpy(numeric), torch.from_numpy(categories)

    # -- what the loop asks -------------------------------------------------------------------------------------

    monitor = "loss"
    better = "lower"

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples) -> float:
        """The mean loss over all examples."""
        return mean_loss(self, model, examples)

    def validate(self, outputs: float) -> dict[str, float]:
        return {"loss": outputs}

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        raise NotImplementedError


class Classifier(ClassifierMixin, _TabularEstimator):
    __doc__ = f"""A network for classes on tables, as a scikit-learn estimator.
    {(_TabularEstimator.__doc__ or "").partition(".")[2]}
    Example:
        >>> from sklearn.datasets import load_iris
        >>> Classifier(epochs=30).fit(*load_iris(return_X_y=True)).score(*load_iris(return_X_y=True)) > 0.9
        True
    """

    task = "tabular-classification"

    def fit(self, X: Any, y: Any) -> "Classifier":
        """Learn from rows X (n_samples, n_features) and their classes y (n_samples,)."""
        X, y = _checked(self, X, y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"expected at least two classes in y, got only one class: {self.classes_[0]!r}")
        self._fit(X, torch.from_numpy(codes), len(self.classes_), codes)
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

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross-entropy; each member of an ensemble learns by itself."""
        return classification_loss(model(*batch[:-1]), batch[-1])


class Regressor(RegressorMixin, _TabularEstimator):
    __doc__ = f"""A network for values on tables, as a scikit-learn estimator.
    {(_TabularEstimator.__doc__ or "").partition(".")[2]}"""

    task = "tabular-regression"

    def fit(self, X: Any, y: Any) -> "Regressor":
        """Learn from rows X (n_samples, n_features) and their values y (n_samples,)."""
        X, y = _checked(self, X, y, y_numeric=True)
        values = np.asarray(y, dtype=np.float64)
        self.mean_, self.scale_ = float(values.mean()), float(values.std()) or 1.0
        target = torch.from_numpy((values - self.mean_) / self.scale_).float()
        self._fit(X, target, 1, None)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The value of each row."""
        return _mean_of_members(self._predict(X)).numpy() * self.scale_ + self.mean_

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Mean squared error in units of the target's deviation; each member of an ensemble learns by itself."""
        values = model(*batch[:-1]).squeeze(-1)  # (B,) or (B, members)
        target = batch[-1] if values.dim() == 1 else batch[-1].unsqueeze(1).expand_as(values)
        return F.mse_loss(values, target)


def _mean_of_members(answers: Tensor) -> Tensor:
    """(B, 1) or (B, members, 1) → (B,)."""
    return answers.flatten(1).mean(dim=1)


def _checked(estimator: BaseEstimator, X: Any, y: Any, y_numeric: bool = False) -> tuple[Any, np.ndarray]:
    """X as it came, if it is a DataFrame with categories, and else both as checked arrays."""
    if isinstance(X, pd.DataFrame) and not all(pd.api.types.is_numeric_dtype(t) for t in X.dtypes):
        from sklearn.utils import check_consistent_length, column_or_1d

        check_consistent_length(X, y)
        return X, column_or_1d(y, warn=True)
    _, y = validate_data(
        estimator, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=y_numeric, multi_output=False
    )
    return X, y
