"""How the weights are found that adapting begins with. A file here is one way, chosen with `--learner`.

A way is a function `loss(net, episodes, steps, rate)` that gives one number, and a literal `VALIDATES`: whether
validation measures that very number. All ways adapt alike (`training/adapting.py`); the net is any of the task's
models. The folder is the list.
"""

from typing import Protocol

from torch import Tensor, nn

from deepglass.core import catalogue
from deepglass.training.adapting import Episodes

FOLDER = "tasks/learners"


class Way(Protocol):
    """A file of this folder."""

    VALIDATES: bool

    def loss(self, net: nn.Module, episodes: Episodes, steps: int, rate: float) -> Tensor:
        """() what a step of the training makes smaller, of episodes (B, n, …)."""
        ...


def way_of(name: str) -> Way:
    """A way by name.

    Raises:
        OptionError: If there is none.
    """
    return catalogue.load(FOLDER, name)  # type: ignore[return-value]
