"""How networks learn from one kind of input: what `data/fields/` leaves out because it concerns training and rivals.

A file here is named as the input's field and has a class `Learning` that fills in what it does otherwise; a field
without a file is learnt from in the usual way. The folder is the list.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from torch import Tensor, nn

from deepglass.attacks.ball import Room
from deepglass.core import catalogue
from deepglass.data.examples import Examples
from deepglass.data.fields import InputField
from deepglass.rivals import Rival, Rows, Time
from deepglass.rivals.one_vs_rest import View
from deepglass.tasks import Prepared
from deepglass.training.config import TrainConfig
from deepglass.training.mixing import Mixture

FOLDER = "tasks/inputs"
Mixed = tuple[tuple[Tensor, ...], Tensor, float]  # inputs, partners (B,), share of an example's own


class Learning:
    """The usual way.

    Args:
        field: The fitted input.
    """

    def __init__(self, field: Any):
        self.field = field

    def train_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """Values for the fields of `TrainConfig` that the user left open."""
        return {}

    def model_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """Values for the model's settings that suit the inputs better than the model's own defaults."""
        return {}

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """Give a fresh model better weights or statistics to begin with, where the inputs tell some."""

    def mixed(self, inputs: tuple[Tensor, ...], config: TrainConfig) -> Mixed:
        """Examples of a batch mixed with partners, as `--mixup` and `--cutmix` ask for it."""
        return Mixture(config.mixup, config.cutmix).mixed(inputs)

    @property
    def has_room(self) -> bool:
        """Whether some inputs may change by a little."""
        return True

    def room(self, inputs: tuple[Tensor, ...]) -> Room | None:
        """What of these inputs an attack may change by little; None where little has no meaning, as of words."""
        return None

    def rivals(self, prepared: Prepared, num_classes: int | None, time: Time) -> list[Rival]:
        """Strong simple models of classes, or of values where `num_classes` is None."""
        return []

    def simple_answers(self, prepared: Prepared, num_classes: int, time: Time) -> tuple[str, nn.Module] | None:
        """The name of a simple model of classes that is never blended, and the model: inputs → logits (B, K)."""
        return None

    def linear_views(self, prepared: Prepared) -> list[View]:
        """The examples of all splits as linear models see them, in the ways that may suit; of any kind of answer."""
        return []

    def importance(
        self, losses: Callable[[Sequence[Tensor]], np.ndarray | None], prepared: Prepared, seconds: float, seed: int
    ) -> list[dict[str, Any]]:
        """How much each part of the inputs matters on the test examples.

        Args:
            losses: From the tensors of examples to what each costs (N,).
            prepared: Its test examples are asked.
            seconds: That it may take.
            seed: Of the shuffling.
        """
        return []


def learning_from(field: InputField) -> Learning:
    """How networks learn from an input."""
    if field.name not in catalogue.entries(FOLDER):
        return Learning(field)
    return catalogue.load(FOLDER, field.name).Learning(field)


def rows_of(prepared: Prepared, num_classes: int | None) -> Rows:
    """The rows outside the test; of one network the validation rows are held out, of a bag all of them in turn.

    Args:
        prepared: With examples that are held in memory.
        num_classes: None for values.
    """
    parts, fold = [prepared.train], prepared.fold
    if fold is None:
        parts.append(prepared.val)
        fold = np.repeat([-1, 0], [len(prepared.train), len(prepared.val)])
    *inputs, target = (_joined(parts, place) for place in [*places_of_inputs(prepared.test), -1])
    return Rows(tuple(inputs), target, fold, num_classes)


def inputs_of(prepared: Prepared) -> list[list[np.ndarray]]:
    """For train, val and test the inputs of examples that are held in memory."""
    parts, places = (prepared.train, prepared.val, prepared.test), places_of_inputs(prepared.test)
    return [[part.tensors[place].cpu().numpy() for place in places] for part in parts]  # type: ignore[attr-defined]


def places_of_inputs(test: Examples) -> list[int]:
    """Where the inputs are among the tensors: test examples have nothing but these and the target."""
    return list(range(len(test.tensors) - 1))  # type: ignore[attr-defined]


def _joined(parts: list[Examples], place: int) -> np.ndarray:
    return np.concatenate([part.tensors[place].cpu().numpy() for part in parts])  # type: ignore[attr-defined]
