"""How the next settings are proposed: one file a sampler; the folder is the list.

A sampler sees points of the unit cube and what they cost; it knows nothing of networks. What it proposes depends on its
seed, the number of the trial and what was told, so a search that was killed goes on with the same proposals.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.tuning.space import Space

FOLDER = "tuning/samplers"
USUAL = "gaussian"


@dataclass(frozen=True)
class Told:
    """What is known of one trial.

    point: (d,) where it lies. cost: what it reached, lower is better; infinite where the loss was not a number.
    """

    point: np.ndarray
    cost: float


class Sampler(ABC):
    """Proposes points.

    Args:
        space: What is searched.
        seed: Of what is drawn.
    """

    def __init__(self, space: Space, seed: int = 0):
        self.space, self.seed = space, seed

    @abstractmethod
    def propose(self, number: int, told: list[Told]) -> np.ndarray | None:
        """(d,) the next point; None where nothing is left to try.

        Args:
            number: Of the trial, from 0.
            told: Of the trials before, in any order.
        """

    def drawn(self, number: int) -> np.random.Generator:
        """What is drawn for a trial depends on nothing else."""
        return np.random.default_rng((self.seed, number))


def load(name: str, space: Space, seed: int = 0) -> Sampler:
    """The sampler of that name.

    Raises:
        OptionError: If there is none.
    """
    names = catalogue.entries(FOLDER)
    if name not in names:
        raise OptionError(catalogue.unknown("sampler", name, names))
    return catalogue.load(FOLDER, name).Search(space, seed)
