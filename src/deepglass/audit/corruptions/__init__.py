"""Common corruptions: what happens to inputs in daily life, in five severities, and what it costs.

One file per kind of input, named as its field in `data/fields/`, with a literal CORRUPTIONS, name → in words, and for
each name a function `(inputs, severity, random, field) -> inputs`. Nobody aims here: a corruption knows nothing of the
network. Severity 1 is hardly noticed, 5 is bad but still understood by a human.

References:
    Hendrycks & Dietterich (2019), Benchmarking Neural Network Robustness to Common Corruptions and Perturbations,
    https://arxiv.org/abs/1903.12261
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.core import catalogue
from deepglass.data.examples import Examples

FOLDER = "audit/corruptions"
SEVERITIES = (1, 2, 3, 4, 5)
SHARES = (0.05, 0.1, 0.2, 0.35, 0.5)  # of the cells, words or steps that are hit
SPREADS = (0.1, 0.2, 0.4, 0.7, 1.0)  # of noise, in standard deviations

Inputs = tuple[Tensor, ...]
Change = Callable[[Inputs, Tensor], Inputs]  # inputs of some examples, their positions → inputs


def names_for(kind: str) -> dict[str, str]:
    """Corruptions of a kind of input, name → in words; empty where there are none."""
    return catalogue.constant(FOLDER, kind, "CORRUPTIONS") if kind in catalogue.entries(FOLDER) else {}


def of(kind: str, name: str) -> Callable[..., Inputs]:
    """The function of a corruption."""
    return getattr(catalogue.load(FOLDER, kind), name)


class Changed:
    """Examples whose inputs are changed when they are asked for; all else is that of the examples.

    Args:
        examples: As the task made them.
        change: (inputs, positions) → inputs; asked for the same batches, it shall give the same.
        rows: Some of them; all by default. Windows, which know more than tensors, have to be taken whole.
    """

    def __init__(self, examples: Examples, change: Change, rows: Tensor | None = None):
        self._examples, self._change, self._rows = examples, change, rows

    def __len__(self) -> int:
        return len(self._examples) if self._rows is None else len(self._rows)

    def __getattr__(self, name: str) -> Any:
        if name == "announce":  # examples that work ahead would do so for other positions
            raise AttributeError(name)
        return getattr(self._examples, name)

    def batch(self, indices: Tensor) -> Inputs:
        """Inputs as they are changed, then the target."""
        rows = indices.cpu() if self._rows is None else self._rows[indices.cpu()]
        *inputs, target = self._examples.batch(rows)
        return (*self._change(tuple(inputs), rows), target)

    def to(self, device: torch.device) -> "Changed":
        """On a device."""
        return Changed(self._examples.to(device), self._change, self._rows)


def unchanged(inputs: Inputs, rows: Tensor) -> Inputs:
    """As they are."""
    return inputs


def corruption(kind: str, name: str, severity: int, field: Any, seed: int) -> Change:
    """A corruption as a change of examples: the same example is hit in the same way whenever it is asked for."""
    apply = of(kind, name)

    def change(inputs: Inputs, rows: Tensor) -> Inputs:
        random = np.random.default_rng([seed, severity, *name.encode(), int(rows[0]) if len(rows) else 0])
        return apply(inputs, severity, random, field)

    return change


def noise_like(x: Tensor, random: np.random.Generator) -> Tensor:
    """Standard normal, of the shape, kind and device of `x`."""
    return torch.from_numpy(random.standard_normal(tuple(x.shape), dtype=np.float32)).to(x)


def hits(shape: tuple[int, ...], share: float, random: np.random.Generator, like: Tensor) -> Tensor:
    """Which of so many are hit, each with the same chance."""
    return torch.from_numpy(random.random(shape) < share).to(like.device)
