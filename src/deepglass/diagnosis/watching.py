"""`train --watch`: warns while it trains. Only what is cheap is looked at, and only in some of the steps.

Each warning is said once. What it costs is measured in `bench/diagnose.py`: a look reads the norms of gradients and
weights, in one step of many.
"""

import math
import statistics
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from deepglass.core.console import Console
from deepglass.evaluate.warnings import losses_of
from deepglass.training.progress import Watcher

FIRST, EVERY = 5, 100  # steps: looked at early, then seldom; a look costs about as much as a step of a small network
GROWN = 3.0  # times its first value, at which a loss has grown
TINY, HUGE = 1e-8, 0.5  # of the weights: a step that moves nothing, or nearly everything
RISING = 4  # epochs in which the held-out loss rises while that of training falls
FEW = 10  # steps before a loss says anything


class WarningWatcher(Watcher):
    """Looks at loss, gradients and weights while something trains, and says what an experienced user would notice.

    Args:
        model: That trains.
        console: Where warnings go.
    """

    def __init__(self, model: nn.Module, console: Console):
        self.model, self.console = model, console
        self.said: set[str] = set()
        self.first_loss: float | None = None
        self.weights: list[torch.Tensor] = []
        self.history: list[dict[str, Any]] = []

    def step(self, step: int, total_steps: int, loss: float | None, examples_per_second: float) -> None:
        """Look at the loss always, at gradients and updates seldom."""
        if loss is not None:
            self._look_at_loss(step, loss)
        if step == FIRST or step % EVERY == 0:
            self._look_at_gradients(step)
            self.weights = [p.detach().clone() for p in self._matrices()[:4]]
        elif self.weights:
            self._look_at_update(step)
            self.weights = []

    def epoch(self, record: dict[str, Any], is_best: bool) -> None:
        """Held-out loss that rises while that of training falls."""
        self.history.append(record)
        pairs = losses_of(self.history)
        if len(pairs) < RISING:
            return
        own, held_out = zip(*pairs[-RISING:])
        is_rising = all(b > a for a, b in pairwise(held_out)) and own[-1] < own[0]
        if is_rising and held_out[-1] > 1.1 * min(val for _, val in pairs):
            self._warn(
                "overfitting",
                f"the validation loss rises since {RISING - 1} epochs ({held_out[0]:.4g} to {held_out[-1]:.4g}) while "
                "that of training falls: it learns by heart; stop early, or add data, dropout or weight decay",
            )

    # -- looks --------------------------------------------------------------------------------------------------

    def _look_at_loss(self, step: int, loss: float) -> None:
        if not math.isfinite(loss):
            self._warn("not-finite", f"the loss is {loss} in step {step:,}: lower the learning rate, or clip gradients")
            return
        if self.first_loss is None:
            self.first_loss = loss
        if step > FEW and loss > GROWN * abs(self.first_loss) + 1e-3:
            self._warn(
                "learning-rate-high",
                f"the loss has grown from {self.first_loss:.4g} to {loss:.4g} in {step:,} steps: the learning rate is "
                "probably too high",
            )

    def _look_at_gradients(self, step: int) -> None:
        norms = [float(p.grad.norm()) / math.sqrt(p.numel()) for p in self._matrices() if p.grad is not None]
        if not norms:
            return
        if max(norms) == 0:
            self._warn("no-gradient", f"no weight has a gradient in step {step:,}: dead units, or a cut graph")
        elif len(norms) > 3 and norms[-1] > 0 and 0 < norms[0] < 1e-6 * norms[-1]:
            self._warn(
                "vanishing-gradients",
                f"gradients are {norms[-1] / norms[0]:,.0f} times smaller in the first layer than in the last: take "
                "ReLU, normalisation or residual connections",
            )

    def _look_at_update(self, step: int) -> None:
        """How far the weights have moved since the step before."""
        pairs = list(zip(self._matrices()[:4], self.weights))
        ratios = [float((p.detach() - old).norm() / (old.norm() + 1e-30)) for p, old in pairs if p.shape == old.shape]
        usual = statistics.median(ratios) if ratios else 1e-3
        if usual < TINY and step > FEW:
            self._warn(
                "learning-rate-low", f"a step moves weights by {usual:.1g} of their size: raise the learning rate"
            )
        elif usual > HUGE:
            self._warn(
                "learning-rate-high", f"a step moves weights by {usual:.0%} of their size: lower the learning rate"
            )

    def _matrices(self) -> list[nn.Parameter]:
        return [p for p in self.model.parameters() if p.requires_grad and p.dim() >= 2]

    def _warn(self, cause: str, sentence: str) -> None:
        if cause not in self.said:
            self.said.add(cause)
            self.console.warn(f"{cause}: {sentence} (deepglass diagnose says more)")
