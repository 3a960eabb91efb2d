"""A network under attack with the examples that are attacked: what attacks ask of it, whatever it answers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Self

from torch import Tensor

from deepglass.attacks.ball import Room
from deepglass.core.device import device_of


@dataclass
class Victim(ABC):
    """What every kind of answer has.

    Args:
        model: From inputs to answers (B, …).
        inputs: Of the network; targets: (B, …) the truths.
        room: What may change.
    """

    model: Any
    inputs: tuple[Tensor, ...]
    targets: Tensor
    room: Room

    @classmethod
    def of(cls, task: Any, model: Any, batch: tuple[Tensor, ...]) -> Self | None:
        """Examples, the target last; None where nothing about the inputs can change by little."""
        device = device_of(model)
        *inputs, targets = (part.to(device).contiguous() for part in batch)
        room = task.room(tuple(inputs))
        return None if room is None else cls(model.eval(), tuple(inputs), targets, room)

    def answers(self, points: Tensor, rows: Tensor) -> Tensor:
        """(n, …) what is answered to the examples at `rows` with `points` in the place of what may change."""
        inputs = tuple(points if place == self.room.place else x[rows] for place, x in enumerate(self.inputs))
        return self.model(*inputs).float()

    @abstractmethod
    def losses(self, points: Tensor, rows: Tensor) -> Tensor:
        """(n,) what an attack makes large."""
