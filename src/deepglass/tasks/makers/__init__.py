"""How networks that make rows are taught. A file here is one way; a model names it in its literal `LEARNS_BY`.

The task knows data and judging; a way of learning knows losses, their order, and how much noise stands behind a row.
The folder is the list.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.data.examples import Batch
from deepglass.training.update import StepHook, Update
from deepglass.zoo import architectures

FOLDER = "tasks/makers"
USUAL = "game"
MOST_LATENT = 1 << 14


class Maker(ABC):
    """One way to learn.

    Args:
        config: Of the task.

    Attributes:
        latent_dim: Numbers of noise that the code of a row takes.
    """

    OPTIONS: ClassVar[tuple[str, ...]] = ()  # of the task, upon which this way alone acts; a literal
    MONITOR: ClassVar[str]  # the validation metric that chooses the epoch
    latent_dim: int

    def __init__(self, config: Any):
        self.config = config
        self.latent_dim = self.usual_latent_dim(1) if config.latent_dim is None else config.latent_dim

    def usual_latent_dim(self, num_features: int) -> int:
        """Numbers of noise where nobody asks for another number."""
        return 2

    def noise_dim(self, num_features: int, is_binary: bool) -> int:
        """Numbers of noise behind a whole row."""
        return self.latent_dim

    def require_options(self) -> None:
        """Check what was asked for.

        Raises:
            OptionError: If a number is out of its range.
        """
        if not 1 <= self.latent_dim <= MOST_LATENT:
            raise OptionError(f"--latent-dim: expected 1 to {MOST_LATENT:,}, got {self.latent_dim:,}")

    @abstractmethod
    def train_defaults(self, num_examples: int) -> dict[str, Any]:
        """Values for the fields of `TrainConfig` that the user left open."""

    def updates(self, model: nn.Module) -> list[Update]:
        """What a step changes; none where it is all weights towards `loss`."""
        return []

    def hooks(self, model: nn.Module) -> Mapping[str, StepHook]:
        """What follows the steps."""
        return {}

    @abstractmethod
    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The mean loss of a batch: of all weights, or of what makes the rows."""

    def has_one_loss(self, network: nn.Module) -> bool:
        """Whether validation measures what training makes small."""
        return True

    def nats(self, model: nn.Module, rows: Tensor, seed: int) -> dict[str, np.ndarray]:
        """What rows (N, F) cost by a bound of their likelihood: its parts (N,); empty where the way knows none."""
        return {}

    def noise(self, rows: Tensor) -> Tensor:
        """(B, latent_dim) standard normal, for as many rows."""
        return torch.randn(len(rows), self.latent_dim, device=rows.device)


def way_of(model: str, task: str) -> str:
    """The way that a model names; the usual one where it names none, or no model is known yet."""
    if not model:
        return USUAL
    return catalogue.constant("models", architectures.entry(model, task).file, "LEARNS_BY", USUAL)


def maker_of(way: str, config: Any) -> Maker:
    """A way by name.

    Raises:
        OptionError: If there is none.
    """
    return catalogue.load(FOLDER, way).Way(config)
