"""What every simple model answers to: fitted in seconds on the rows of the network, judged on the rows of its test.

A rival is honest only if it has not seen what it is judged by. So it is fitted several times: without each part that is
held out, for the answers that choose and weigh, and once on all rows outside the test.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
from torch import Tensor, nn

FEWEST_ROWS = 10  # that a simple model is fitted on
LEAST_SHARE = 1e-6  # of a class: one certain mistake must not outweigh all else
MOST_SECONDS, BUDGET_SHARE = 120.0, 0.15  # for all simple models together: without a budget, and of one

ROUNDS_TO_CHOOSE = 2  # of the parts that are held out: enough to tell settings apart that differ by factors of ten

Setting = TypeVar("Setting")
Answering = Callable[[np.ndarray], np.ndarray]  # positions of rows → probabilities (n, K) or values (n,)


@dataclass
class Rival:
    """A simple model beside the network.

    name: As the report calls it.
    held_out: What it said of the held-out rows before it saw them: probabilities (N, K) or values (N,).
    part: TrainResult on all rows outside the test.
    """

    name: str
    held_out: np.ndarray
    part: "Part"


class Part(nn.Module):
    """A fitted simple model as a network: all that it knows are buffers, and the few settings named here.

    Shape:
        - inputs: Those of the network beside it.
        - output: logits (B, K), or value (B, 1)
    """

    SETTINGS: ClassVar[tuple[str, ...]] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """What `of` needs besides tensors, as JSON can hold it."""
        return {name: getattr(self, name) for name in self.SETTINGS}

    @classmethod
    def of(cls, tensors: dict[str, Tensor], settings: dict[str, Any]) -> "Part":
        """The part whose buffers and settings were kept; `require_fit` says whether they fit."""
        part = cls.__new__(cls)
        nn.Module.__init__(part)
        for name, tensor in tensors.items():
            part.register_buffer(name, tensor)
        for name in cls.SETTINGS:
            setattr(part, name, settings[name])
        return part

    def require_fit(self, *inputs: Tensor) -> None:
        """Check buffers and settings that were read back, where inputs alone do not show what is wrong.

        Args:
            inputs: As for `forward`.

        Raises:
            ValueError: If they do not fit.
        """


@dataclass(frozen=True)
class Rows:
    """The rows outside the test, and how they are held out.

    inputs: As the network takes them, each (N, …).
    target: (N,) classes as int64, or standardised values.
    parts: (N,) which part a row is held out with; -1 for rows that are never held out.
    num_classes: K, or None for values.
    """

    inputs: tuple[np.ndarray, ...]
    target: np.ndarray
    parts: np.ndarray
    num_classes: int | None

    @property
    def is_held_out(self) -> np.ndarray:
        """(N,) the rows that are held out once."""
        return self.parts >= 0

    def rounds(self, most: int | None = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Positions to fit on and positions held out, a part at a time; `most` takes the first parts only."""
        for part in range(int(self.parts.max()) + 1)[:most]:
            yield np.flatnonzero(self.parts != part), np.flatnonzero(self.parts == part)

    @property
    def are_enough(self) -> bool:
        """Whether every round leaves something to learn from: a few rows, and of classes two."""
        least = 1 if self.num_classes is None else 2
        return all(len(o) >= FEWEST_ROWS and len(np.unique(self.target[o])) >= least for o, _ in self.rounds())


class Time:
    """Seconds that simple models may take together; they look at it between two fits."""

    def __init__(self, seconds: float):
        self.until = time.monotonic() + seconds

    @classmethod
    def within(cls, budget: float | None) -> "Time":
        """A share of the seconds that a training may take in all; long, but not for ever, where nobody set a budget."""
        return cls(BUDGET_SHARE * budget if budget else MOST_SECONDS)

    def is_up(self) -> bool:
        """Whether no further fit is begun."""
        return time.monotonic() > self.until


def held_out_answers(rows: Rows, fit: Callable[[np.ndarray], Answering]) -> np.ndarray:
    """Answers of the held-out rows, each by a model that was fitted without it.

    Args:
        rows: Their parts say who is held out when.
        fit: From positions to a model, which is asked for answers at other positions.
    """
    answers: Any = None
    for others, held in rows.rounds():
        said = fit(others)(held)
        answers = np.zeros((len(rows.target), *said.shape[1:])) if answers is None else answers
        answers[held] = said
    return answers[rows.is_held_out]


def preferred(
    rows: Rows, settings: Sequence[Setting], fit: Callable[[np.ndarray, Setting], Answering], time: "Time"
) -> Setting | None:
    """The setting under which the first parts that are held out are answered best; None where there is no time."""
    losses: dict[int, float] = {}
    for i, setting in enumerate(settings):
        if time.is_up():
            break
        found = [(fit(others, setting)(held), rows.target[held]) for others, held in rows.rounds(ROUNDS_TO_CHOOSE)]
        losses[i] = float(np.mean([loss_of(said, target, rows.num_classes).mean() for said, target in found]))
    return settings[min(losses, key=losses.__getitem__)] if losses else None


def loss_of(answers: np.ndarray, target: np.ndarray, num_classes: int | None) -> np.ndarray:
    """(N,) log loss of probabilities, or squared error of values."""
    if num_classes is None:
        return (answers - target) ** 2
    return -np.log(np.clip(answers[np.arange(len(target)), target], LEAST_SHARE, 1))
