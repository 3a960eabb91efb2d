"""Tabular regression: which number belongs to a row?

    table ── fill, scale, encode ── network (by default TabM, an ensemble in one) ── a number

The network learns the target standardised by the mean and deviation of the training rows; everything that a user
sees is in the target's own unit.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import DataError
from deepglass.core.state import read, require
from deepglass.core.wording import numbered
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, InMemory, in_order
from deepglass.data.preprocess.number import numbers_of
from deepglass.evaluate.metrics import regression
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._tables import TableTask


@dataclass(frozen=True)
class Config:
    """Options of the task."""

    scaling: Literal["quantile", "standard"] = "quantile"  # of numbers; quantile shrugs off outliers and skew
    keep: str | None = None  # columns to use although they look like ids or running text, separated by commas
    blend: bool | None = None  # mix in simple models where held-out rows ask for it; usual beside the default model
    bags: int | None = None  # networks that share the rows, each judged by those that it leaves out; 5 for few rows


class Task(TableTask):
    """Rows → a number."""

    name = "tabular-regression"
    default_model = "tabm"
    CHECKS = ("target", "repeated")
    HONOURS = (
        "target",
        "group_column",
        "score_by",
        "time_column",
        "series_column",
        "val_fraction",
        "test_fraction",
        "mixup",
        "cutmix",
    )
    INSTEAD: ClassVar[dict[str, str]] = {
        "text_column": "every column is learnt from as it is; leave it out",
        "label_smoothing": "the target is a number: there are no labels to smooth; leave it out",
        "class_weights": "the target is a number and has no classes; leave it out",
        "classes": "the target is a number and has no classes; leave it out, or pass --task tabular-classification",
    }
    is_classification = False
    num_outputs = 1
    mean: float
    deviation: float

    # -- data ---------------------------------------------------------------------------------------------------

    def fit_target(self, values: pd.Series, train: np.ndarray) -> None:
        """Mean and deviation of the training rows."""
        known = numbers_of(values, self.target)[train]
        self.mean, self.deviation = float(known.mean()), float(known.std()) or 1.0

    def encode_target(self, values: pd.Series | None, count: int) -> np.ndarray:
        """(count,) standardised, NaN where there is no target.

        Raises:
            DataError: If a row of labelled data has no target.
        """
        if values is None:
            return np.full(count, np.nan, np.float32)
        numbers = numbers_of(values, self.target)
        if len(empty := np.flatnonzero(np.isnan(numbers))):
            rows = numbered("row", (empty + 1).tolist())
            raise DataError(f"target {self.target!r} is empty in {rows}: expected a number in every row; remove them")
        return ((numbers - self.mean) / self.deviation).astype(np.float32)

    def state(self) -> dict[str, Any]:
        """Also the scale of the target."""
        return super().state() | {"mean": self.mean, "deviation": self.deviation}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.mean, self.deviation = read(state, "mean", float), read(state, "deviation", float)
        require(self.deviation > 0, "a deviation above 0", self.deviation)

    # -- learning -----------------------------------------------------------------------------------------------

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Mean squared error of the standardised target, for every member of an ensemble."""
        *inputs, targets = batch
        if model.training and (self.train_config.mixup or self.train_config.cutmix):
            numeric, categories, partner, share = self.mixed(*inputs)
            inputs, targets = [numeric, categories], share * targets + (1 - share) * targets[partner]
        said = model(*inputs).flatten(1)  # (B, 1) or (B, M)
        return (said - targets.unsqueeze(1)).square().mean()

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: InMemory, batch_size: int = 4096) -> Outputs:
        """Predictions (N,) in the target's unit; the mean over the members of an ensemble."""
        was_training = model.training
        model.eval()
        said, true = [], []
        for *inputs, targets in in_order(examples, batch_size, device_of(model)):
            said.append(model(*inputs).float().flatten(1).mean(dim=1).cpu())
            true.append(targets.cpu())
        model.train(was_training)
        predictions, targets = (self._in_unit(torch.cat(parts).numpy()) for parts in (said, true))
        if np.isnan(targets).any():  # read without a target
            return Outputs(predictions, None)
        return Outputs(predictions, targets, (predictions - targets) ** 2)

    def as_learnt(self, predictions: np.ndarray) -> np.ndarray:
        """Standardised."""
        return (predictions - self.mean) / self.deviation

    def outputs_of(self, answers: np.ndarray, targets: np.ndarray) -> Outputs:
        """Standardised values (N,) as outputs."""
        predictions = self._in_unit(answers)
        return Outputs(predictions, targets, (predictions - targets) ** 2)

    def _in_unit(self, standardized: np.ndarray) -> np.ndarray:
        return standardized.astype(np.float64) * self.deviation + self.mean

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss of the standardised target, and the root mean squared error in the target's unit."""
        error = float(np.mean(outputs.losses))  # type: ignore[arg-type]
        return {"loss": error / self.deviation**2, "rmse": error**0.5}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score of a regression."""
        return regression.evaluate(outputs.predictions, outputs.targets, seed=self.seed)  # type: ignore[arg-type]

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """Always the mean of the training rows."""
        targets = self._in_unit(prepared.test.tensors[-1].cpu().numpy())
        return {"name": "always the mean", **regression.evaluate(np.full_like(targets, self.mean), targets)}

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The rows with the largest errors."""
        records = []
        for place in np.argsort(-outputs.losses, kind="stable")[:count]:  # type: ignore[operator]
            said = {"target": float(outputs.targets[place]), "predicted": float(outputs.predictions[place])}  # type: ignore[index]
            records.append(said | self.mistake(outputs, prepared, data, place))
        return records

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The number."""
        rows = [dict(zip(names, cells)) for cells in zip(*names.values())]
        return [row | {"prediction": float(value)} for row, value in zip(rows, outputs.predictions)]
