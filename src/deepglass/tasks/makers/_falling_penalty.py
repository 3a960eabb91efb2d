"""A penalty that is large while two networks find each other, and falls, step by step, to what was asked for.

A steep discriminator early in the game drives the generator to a part of the data, and it may stay there; a flat one
late in the game leaves the rows blurred. So the penalty falls by the same factor in every step.
"""

from typing import Any

import torch
from torch import Tensor

from deepglass.core.state import read

FIRST, STEPS = 0.5, 3000  # where it begins, unless more was asked for, and after how many steps it has fallen


class FallingPenalty:
    """A hook of a training: follows its steps.

    Attributes:
        value: () the penalty now; the same tensor throughout, so that a recorded step sees it fall.
    """

    def __init__(self, last: float, device: torch.device):
        self.last, self.first = last, max(FIRST, last) if last else 0.0
        self.steps = 0
        self.value: Tensor = torch.tensor(self.first, device=device)

    def update(self) -> None:
        """A step was taken."""
        self.steps += 1
        if self.steps <= STEPS:
            self.value.fill_(self.now())

    def now(self) -> float:
        """The penalty after so many steps."""
        if not self.last:
            return 0.0
        return self.first * (self.last / self.first) ** min(1.0, self.steps / STEPS)

    def state_dict(self) -> dict[str, Any]:
        """The steps taken."""
        return {"steps": self.steps}

    def load_state_dict(self, state: Any) -> None:
        """Go on from there."""
        self.steps = read(state, "steps", int)
        self.value.fill_(self.now())
