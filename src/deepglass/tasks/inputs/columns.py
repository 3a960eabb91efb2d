"""Learning from columns: settings by the number of rows, mixed rows, simple models beside it, importance of columns."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.attacks.ball import Room
from deepglass.data.fields.columns import Field
from deepglass.evaluate import importance
from deepglass.rivals import Rival, Time, linear, tables
from deepglass.rivals.one_vs_rest import View
from deepglass.tasks import Prepared
from deepglass.tasks.inputs import Learning as Usual
from deepglass.tasks.inputs import Mixed, inputs_of, rows_of
from deepglass.training import table_defaults
from deepglass.training.config import TrainConfig
from deepglass.training.mixing import mixed_rows


class Learning(Usual):
    """From numbers and codes."""

    field: Field

    def train_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """By the number of rows."""
        return table_defaults.train_defaults(model, num_examples)

    def model_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """By the number of rows."""
        return table_defaults.model_defaults(model, num_examples)

    def mixed(self, inputs: tuple[Tensor, ...], config: TrainConfig) -> Mixed:
        """Numbers are blended, codes tossed for."""
        numeric, categories, partner, share = mixed_rows(*inputs, config.mixup, config.cutmix)
        return (numeric, categories), partner, share

    @property
    def has_room(self) -> bool:
        """Whether a column is a number, and no date."""
        return any(number.part is None for number in self.field.preprocessor.numbers)

    def room(self, inputs: tuple[Tensor, ...]) -> Room | None:
        """Numbers inside the range of the training; never categories, dates, empty cells and the marks of these."""
        numbers, numeric = self.field.preprocessor.numbers, inputs[0]
        unit, low, high = (numeric.new_zeros(numeric.shape) for _ in range(3))
        place = 0
        for number in numbers:
            low[:, place], high[:, place] = number.scores[0], number.scores[-1]
            is_given = 1.0 - numeric[:, place + 1] if number.has_missing else 1.0
            unit[:, place] = is_given if number.part is None else 0.0
            place += number.width
        return Room(0, unit, low, high, "standard deviations of a column") if unit.any() else None

    def rivals(self, prepared: Prepared, num_classes: int | None, time: Time) -> list[Rival]:
        """A linear model, boosted trees and a forest."""
        return tables.fit(rows_of(prepared, num_classes), self.field.preprocessor, time)

    def linear_views(self, prepared: Prepared) -> list[View]:
        """Numbers as they are, or as their normal scores; a one for each category."""
        curves = [curve for number in self.field.preprocessor.numbers for curve in number.curves]
        views, parts = [], inputs_of(prepared)
        for name, is_plain in (("scores of columns", False), ("columns", True)):
            module = linear.Linear(curves, self.field.preprocessor.cardinalities, is_plain)
            views.append(View(name, *(module.design(*part) for part in parts)))
        return views

    def importance(
        self, losses: Callable[[Sequence[Tensor]], np.ndarray | None], prepared: Prepared, seconds: float, seed: int
    ) -> list[dict[str, Any]]:
        """By shuffling the inputs of a column among the test rows, or among so many of them."""
        tensors = [part[: importance.MOST_ROWS] for part in prepared.test.tensors]  # type: ignore[attr-defined]
        usual = losses(tensors)
        if usual is None or len(usual) < importance.FEWEST_ROWS:
            return []
        shuffled = {
            name: lambda generator, places=places: losses(_without(tensors, places, generator))
            for name, places in self.field.preprocessor.inputs.items()
        }
        return importance.of_columns(usual, shuffled, seconds, seed)  # type: ignore[arg-type]


def _without(tensors: list[Tensor], places: tuple[list[int], list[int]], generator: Any) -> list[Tensor]:
    """The tensors, the inputs at the places being those of other rows."""
    changed, order = [part.clone() for part in tensors], torch.from_numpy(generator.permutation(len(tensors[0])))
    for part, own in zip(changed, places):  # numbers, then codes
        part[:, own] = part[order][:, own]
    return changed
