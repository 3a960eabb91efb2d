"""Tabular classification: which of several classes does a row belong to?

table ── fill, scale, encode ── network (by default TabM, an ensemble in one) ── probabilities
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from torch import Tensor, nn

from deepglass.core.effects import Unused
from deepglass.data.containers import Data
from deepglass.data.examples import Batch
from deepglass.data.preprocess.labels import class_names, encode_labels
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._classification import ClassificationTask, worst
from deepglass.tasks._tables import TableTask
from deepglass.training.classification import classification_loss
from deepglass.zoo import architectures

NO_TARGET = -1


@dataclass(frozen=True)
class Config:
    """Options of the task."""

    scaling: Literal["quantile", "standard"] = "quantile"  # of numbers; quantile shrugs off outliers and skew
    keep: str | None = None  # columns to use although they look like ids or running text, separated by commas
    blend: bool | None = None  # mix in simple models where held-out rows ask for it; usual beside the default model
    bags: int | None = None  # networks that share the rows, each judged by those that it leaves out; 5 for few rows


class Task(TableTask, ClassificationTask):
    """Rows → classes."""

    name = "tabular-classification"
    EXPORTS = ("columns", "probabilities")
    default_model = "tabm"
    HONOURS = (
        "target", "group_column", "score_by", "time_column", "series_column", "classes", "rare_classes", "val_fraction",
        "test_fraction", "label_smoothing", "mixup", "cutmix", "class_weights",
    )  # fmt: skip
    INSTEAD: ClassVar[dict[str, str]] = {
        "text_column": "every column is learnt from as it is; leave it out, or pass --task text-classification",
    }
    is_classification = True

    # -- data ---------------------------------------------------------------------------------------------------

    def fit_target(self, values: pd.Series, train: np.ndarray) -> None:
        """Names of the classes, and how many training rows each has."""
        self.classes = class_names(values)
        codes = encode_labels(values, self.classes)
        self.class_counts = np.bincount(codes[train], minlength=len(self.classes))

    def encode_target(self, values: pd.Series | None, count: int) -> np.ndarray:
        """(count,) positions in `classes`, -1 where there is no target."""
        return np.full(count, NO_TARGET) if values is None else encode_labels(values, self.classes)

    @property
    def num_outputs(self) -> int:  # type: ignore[override]
        """One logit per class."""
        return len(self.classes)

    def state(self) -> dict[str, Any]:
        """Also the classes."""
        return super().state() | {"classes": self.classes, "class_counts": self.class_counts.tolist()}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.load_classes(state)

    # -- learning -----------------------------------------------------------------------------------------------

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross-entropy, or the criterion that a model brings along as the perceptron does."""
        *inputs, targets = batch
        if not model.training or not (self.train_config.mixup or self.train_config.cutmix):
            return self._loss(model, model(*inputs), targets)
        numeric, categories = inputs
        numeric, categories, partner, share = self.mixed(numeric, categories)
        logits = model(numeric, categories)
        own, others = self._loss(model, logits, targets), self._loss(model, logits, targets[partner])
        return share * own + (1 - share) * others

    def _loss(self, model: nn.Module, logits: Tensor, targets: Tensor) -> Tensor:
        if hasattr(model, "criterion"):
            return model.criterion(logits, targets)  # type: ignore[operator]
        weights = self.class_weights(logits.device)
        return classification_loss(logits, targets, weights=weights, smoothing=self.train_config.label_smoothing)

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also what a criterion that a model brings along takes the place of."""
        yield from super().unused_options(asked, data, model)
        yield from self.class_choice.unused_options(asked)
        if hasattr(architectures.module_of(architectures.entry(model, self.name), "torch").Model, "criterion"):
            for name in {"label_smoothing"} & asked.keys():
                yield Unused(name, f"the {model} has a criterion of its own", "leave it out, or choose another --model")
            if asked.get("class_weights") == "balanced":
                why = f"the {model} has a criterion of its own, which knows no weights"
                yield Unused("class_weights", why, "pass --class-weights sampler, which draws rare classes more often")

    # -- judging ------------------------------------------------------------------------------------------------

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The rows that surprised the model most."""
        records = []
        for place in worst(outputs, count):
            truth, answer = int(outputs.targets[place]), int(outputs.predictions[place].argmax())  # type: ignore[index]
            said = {"predicted": self.classes[answer], "probability": float(outputs.predictions[place, answer])}
            records.append({"target": self.classes[truth], **said, **self.mistake(outputs, prepared, data, place)})
        return records
