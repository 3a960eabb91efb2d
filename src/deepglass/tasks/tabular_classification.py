"""Tabular classification: which of several classes does a row belong to?

table ── fill, scale, encode ── network (by default TabM, an ensemble in one) ── probabilities
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import nn

from deepglass.core.effects import Unused
from deepglass.data.containers import Data
from deepglass.data.fields import columns
from deepglass.tasks import Outputs, Prepared, _fair, _medical
from deepglass.tasks._classification import ClassificationTask


@dataclass(frozen=True)
class Config(columns.Options, _fair.Options, _medical.Options):
    """Options of the task."""

    blend: bool | None = None  # mix in simple models where held-out rows ask for it; usual beside the default model
    bags: int | None = None  # networks that share the rows, each judged by those that it leaves out; 5 for few rows


class Task(ClassificationTask):
    """Rows → classes."""

    name = "tabular-classification"
    EXPORTS = ("columns", "probabilities")
    default_model = "tabm"
    HONOURS = (
        "target", "group_column", "score_by", "time_column", "series_column", "classes", "rare_classes", "val_fraction",
        "test_fraction", "label_smoothing", "mixup", "cutmix", "class_weights", "private", "fair", "adversarial",
        "adversarial_steps",
    )  # fmt: skip
    INSTEAD: ClassVar[dict[str, str]] = {
        "text_column": "every column is learnt from as it is; leave it out, or pass --task text-classification",
    }
    INPUTS = (columns.Field,)
    inputs: columns.Field

    def risks(self, model: nn.Module, prepared: Prepared, data: Data, val: Outputs, test: Outputs) -> dict[str, Any]:
        """Where `--card medical` asks for it."""
        if self.config.card != "medical" or len(self.classes) != 2:
            return {}
        return _medical.risks(self, model, prepared, self.source_of(data), val, test)

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also a medical card of what is no risk: of more than two classes."""
        yield from super().unused_options(asked, data, model)
        if asked.get("card") == "medical" and len(self.classes) != 2:
            why = f"it describes the risk of one of two classes, and there are {len(self.classes)}"
            yield Unused("card", why, "leave it out, or keep two with --classes A,B")
