"""Tabular classification: which of several classes does a row belong to?

table ── fill, scale, encode ── network (by default TabM, an ensemble in one) ── probabilities
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from torch import nn

from deepglass.data.containers import Data
from deepglass.data.fields import columns
from deepglass.tasks import Prepared, _fair, _medical, _medical_tables
from deepglass.tasks._medical import Risks, RiskTask


@dataclass(frozen=True)
class Config(columns.Options, _fair.Options, _medical.Options):
    """Options of the task."""

    blend: bool | None = None  # mix in simple models where held-out rows ask for it; usual beside the default model
    bags: int | None = None  # networks that share the rows, each judged by those that it leaves out; 5 for few rows


class Task(RiskTask):
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

    def groups_at_risk(self, told: Risks, model: nn.Module, prepared: Prepared, data: Data) -> dict[str, Any]:
        """Of columns about people, and of empty cells."""
        return _medical_tables.groups_at_risk(self, told, model, prepared, self.source_of(data))
