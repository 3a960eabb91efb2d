"""What a linear forecast is to be learnt from and judged by, as windows in float64."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from deepglass.data.preprocess.windows import Steps, Windows

MOST_ROWS = 20_000  # windows that are solved for
MOST_VALUES = 12_000_000  # of all their pasts together
GAIN = 0.02  # of the error that another choice must save, and more than its own uncertainty
FEWEST_BLOCKS = 4  # of windows by which an uncertainty is told
UNCERTAIN = 0.2  # of the error, where there are fewer


@dataclass(frozen=True)
class Problem:
    """What is to be forecast.

    Args:
        steps: The series.
        train: Origins whose futures may be learnt from, for a length of the past.
        val: Origins by whose futures choices are compared.
        val_truth: As `steps.truth`, NaN outside the validation part.
        horizon: Steps ahead.
        loss: Of forecasts and truths, value by value.
    """

    steps: Steps
    train: Callable[[int], Tensor]
    val: Tensor
    val_truth: Tensor
    horizon: int
    loss: Callable[[Tensor, Tensor], Tensor]

    @property
    def judging(self) -> Steps:
        """The series with no other truth than that of the validation part."""
        return replace(self.steps, truth=self.val_truth)

    def end(self, context: int) -> int:
        """The step after the last that may be learnt from."""
        return int(self.train(context).max()) + self.horizon

    def learnt(self, effect: Tensor, context: int) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
        """Origins (n,) and what `gathered` gives of them."""
        origins = some_of(self.train(context), context, self.steps)
        return origins, gathered(self.steps, effect, origins, context, self.horizon)

    def seen(self, effect: Tensor, context: int) -> tuple[Tensor, Tensor, Tensor]:
        """Likewise of the validation part."""
        return gathered(self.judging, effect, self.val, context, self.horizon)

    def errors(self, forecast: Tensor, future: Tensor) -> Tensor:
        """The mean loss (n,) of each window over what is known of its future, NaN where nothing is."""
        known = future.isfinite()
        return self.loss(forecast, torch.where(known, future, forecast)).sum(dim=(1, 2)) / known.sum(dim=(1, 2))

    def is_better(self, errors: Tensor, others: Tensor) -> bool:
        """Whether errors (n,) of the same windows are smaller by two hundredths and by more than their uncertainty.

        Neighbouring windows err together: blocks of a horizon are what is counted.
        """
        there, level = (others - errors).isfinite(), float(others.nanmean())
        saved = (others - errors)[there]
        blocks = torch.stack([part.mean() for part in saved.split(self.horizon)])
        is_told = len(blocks) >= FEWEST_BLOCKS
        uncertainty = float(blocks.std()) / len(blocks) ** 0.5 if is_told else UNCERTAIN * level
        return float(saved.mean()) > max(uncertainty, GAIN * level)


def some_of(origins: Tensor, context: int, steps: Steps) -> Tensor:
    """At most so many origins as can be held, evenly spread."""
    most = min(MOST_ROWS, MOST_VALUES // context) // steps.values.shape[1]
    if len(origins) <= most:
        return origins
    return origins[torch.linspace(0, len(origins) - 1, max(2, most)).long()]


def gathered(
    steps: Steps, effect: Tensor, origins: Tensor, context: int, horizon: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Pasts (n, context, S), statics (n, F) and futures (n, horizon, S) of windows, the effect taken off, float64."""
    around = origins[:, None] + torch.arange(-context, horizon)  # (n, context + horizon)
    past, future = (part.double() for part in Windows(steps, origins, context, horizon).targets(around))
    static = steps.static[steps.series_of[around[:, 0]]].double()
    if effect.any():
        past, future = past - effect[around[:, :context]], future - effect[around[:, context:]]
    return past, static, future
