"""Where a training stands, and how it ended."""

from dataclasses import dataclass, field
from typing import Any

from torch import nn

from deepglass.training.pace import Way


@dataclass
class Progress:
    """Where a training stands: all of it is written to a checkpoint."""

    step: int = 0
    epoch: int = 0  # whole epochs done
    position: int = 0  # steps done inside the current epoch
    examples: int = 0
    best: float | None = None
    best_epoch: int = 0
    waited: int = 0  # validations since the best
    plateau: float = 1.0  # what the plateau schedule has multiplied the rate by
    seconds: float = 0.0
    has_tried_compiler: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Fitted:
    """How a training ended. The model holds its best weights."""

    model: nn.Module
    history: list[dict[str, Any]]
    best_epoch: int
    reason: str  # why it ended, as a sentence
    way: Way  # how its steps were computed
    choices: list[str]  # what was chosen for speed, in words
    interrupted: bool = False
    profile: dict[str, Any] | None = None  # where the time went, if that was asked
    repetition: dict[str, Any] = field(default_factory=dict)  # steps, plan and ways, for `fit(..., repetition=)`
