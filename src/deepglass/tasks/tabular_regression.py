"""Tabular regression: which number belongs to a row?

table ── fill, scale, encode ── network (by default TabM, an ensemble in one) ── a number
"""

from dataclasses import dataclass
from typing import ClassVar

from deepglass.data.fields import columns
from deepglass.tasks._regression import RegressionTask


@dataclass(frozen=True)
class Config(columns.Options):
    """Options of the task."""

    blend: bool | None = None  # mix in simple models where held-out rows ask for it; usual beside the default model
    bags: int | None = None  # networks that share the rows, each judged by those that it leaves out; 5 for few rows


class Task(RegressionTask):
    """Rows → a number."""

    name = "tabular-regression"
    EXPORTS = ("columns", "value")
    default_model = "tabm"
    CHECKS = ("target", "span", "repeated")
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
        "private",
        "adversarial",
        "adversarial_steps",
    )
    INSTEAD: ClassVar[dict[str, str]] = {
        "text_column": "every column is learnt from as it is; leave it out",
        "label_smoothing": "the target is a number: there are no labels to smooth; leave it out",
        "class_weights": "the target is a number and has no classes; leave it out",
        "classes": "the target is a number and has no classes; leave it out, or pass --task tabular-classification",
    }
    INPUTS = (columns.Field,)
    inputs: columns.Field
