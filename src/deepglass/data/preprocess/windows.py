"""Windows on series: every example is a past and the future that followed, gathered when it is asked for.

Neighbouring windows share almost all of their values, so the series are held once, one below the other, and a batch is
an index into them: a million windows cost no more memory than the series.
"""

from copy import copy
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor

from deepglass.data.examples import Batch

LEAST_SCALE = 0.1  # of the level of a window: a flat past says little about how far the future may swing
TINY = 1e-8  # in deviations of the series: the scale of a past that never changes and is zero
LEAST_SWING = 0.1  # of the deviation of training: a quiet past does not promise a quiet future
CHUNK = 4_096  # windows whose pasts are measured at once
FARTHEST = 10.0  # scales of its window that a value counts for in the loss: a burst after silence shall not rule it


@dataclass(frozen=True)
class Steps:
    """All that windows look at, a row per step, series one below the other with room for a future after each.

    Args:
        values: What is forecast, standardised, gaps filled; before its first value a series may have NaN.
        covariates: What is only seen, likewise.
        truth: As `values`, with NaN where nothing is known; NaN costs nothing in the loss.
        known: What is known in advance, of the future too.
        moments: Features of the different times, and `moment_of` the time of each step.
        static: What never changes in a series, and `series_of` the series of each step.
        level, spread: What was subtracted from each series, and what it was divided by, in the unit of the data.
        is_relative: Whether a window is also measured by its own past, so that series of any size are alike.
        times: Of each step, for people; None where steps are only counted.
        names: Of the series.
        own: `truth` as the data have it, for a zero that was standardised in float32 is no longer zero; None: computed.

    Shape:
        - values, truth: (T, S); covariates: (T, C); known: (T, K); moments: (U, M); moment_of, series_of: (T,)
        - static: (G, F); level, spread: (G, S) float64; own: (T, S) float64
    """

    values: Tensor
    covariates: Tensor
    truth: Tensor
    known: Tensor
    moments: Tensor
    moment_of: Tensor
    static: Tensor
    series_of: Tensor
    level: Tensor
    spread: Tensor
    is_relative: bool = False
    times: np.ndarray | None = None
    names: tuple[tuple[str, ...], ...] = ((),)
    own: Tensor | None = None

    @classmethod
    def of_one(cls, values: Tensor, covariates: Tensor, truth: Tensor) -> "Steps":
        """One series without anything known in advance, in its own unit."""
        T, S = values.shape
        none, same = values.new_zeros(T, 0), torch.zeros(T, dtype=torch.int64)
        level = torch.zeros(1, S, dtype=torch.float64)
        return cls(values, covariates, truth, none, none[:1], same, none[:1], same, level, level + 1)

    def to(self, device: torch.device) -> "Steps":
        """The same on a device; what is in float64 stays where results are made."""
        moved = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("level", "spread", "own")}
        return replace(self, **{name: part.to(device) for name, part in moved.items() if isinstance(part, Tensor)})


class Windows:
    """Examples (past, covariates, known, static, future) around the steps where forecasts begin.

    Args:
        steps: The series.
        origins: The first step of each future.
        context: Steps of a past.
        horizon: Steps of a future.

    Shape:
        - origins: (N,)
        - a batch of n: past (n, context, S), covariates (n, context, C), known (n, context + horizon, M + K),
          static (n, F), future (n, horizon, S)
    """

    def __init__(self, steps: Steps, origins: Tensor, context: int, horizon: int):
        self.steps, self.origins, self.context, self.horizon = steps, origins, context, horizon
        self.around = torch.arange(-context, horizon, device=steps.values.device)
        self.has_blanks = bool(steps.values.isnan().any())

    def __len__(self) -> int:
        return len(self.origins)

    @property
    def values(self) -> Tensor:
        """Of the steps."""
        return self.steps.values

    @property
    def truth(self) -> Tensor:
        """Of the steps."""
        return self.steps.truth

    def batch(self, indices: Tensor) -> Batch:
        """The examples at `indices` (n,)."""
        steps, around = self.steps, self._around(indices)  # (n, context + horizon)
        past, future = self.targets(around)
        known = torch.cat([steps.moments[steps.moment_of[around]], steps.known[around]], dim=2)
        covariates = steps.covariates[around[:, : self.context]]
        return past, covariates, known, steps.static[steps.series_of[around[:, 0]]], future

    def targets(self, around: Tensor) -> tuple[Tensor, Tensor]:
        """Past and future of the targets alone, at the steps (n, context + horizon)."""
        steps = self.steps
        past, future = steps.values[around[:, : self.context]], steps.truth[around[:, self.context :]]
        if self.has_blanks or steps.is_relative:
            centre, scale = self._measure(past)
            past = torch.where(past.isnan(), centre, past)
            if steps.is_relative:
                past, future = (past - centre) / scale, ((future - centre) / scale).clamp(-FARTHEST, FARTHEST)
        return past, future

    def futures(self) -> Tensor:
        """What came (N, horizon, S) in the unit of the data, float64, NaN where nothing is known."""
        steps = self.origins[:, None] + self.around[self.context :]
        futures = self.steps.truth[steps].cpu().double()
        if self.steps.own is None:
            return self.in_series_unit(futures)
        return torch.where(futures.isfinite(), self.steps.own[steps.cpu()], torch.nan)

    def in_unit(self, forecasts: Tensor, indices: Tensor | None = None) -> Tensor:
        """Forecasts (N, horizon, …, S) of a model in the unit of the data, float64."""
        forecasts = forecasts.cpu().double()
        if self.steps.is_relative:
            past = self.steps.values[self._around(self._all if indices is None else indices)[:, : self.context]]
            centre, scale = (part.cpu().double() for part in self._measure(past))
            forecasts = forecasts * used_scale(scale) + centre
        return self.in_series_unit(forecasts, indices)

    def swings(self) -> Tensor:
        """(N, 1, S) float64 in the unit of the data: how far each series swings, by which intervals are measured.

        Of one series the deviation of each past, which follows its growth; of many the deviation of each in training,
        for a few steps of silence say nothing of a shop.
        """
        spread = self.deviations()
        if self.steps.is_relative:
            return spread
        around = (self._around(part)[:, : self.context] for part in self._all.split(CHUNK))
        return spread * torch.cat([swing_of(self.steps.values[steps].cpu().double()) for steps in around])

    def deviations(self) -> Tensor:
        """(N, 1, S) float64 in the unit of the data: the deviation of each window's series in training."""
        return self.steps.spread[self.series_of()][:, None]

    def in_series_unit(self, values: Tensor, indices: Tensor | None = None) -> Tensor:
        """Standardised values (N, …, S) in the unit of the data."""
        series = self.series_of(indices)
        return values * self.steps.spread[series][:, None] + self.steps.level[series][:, None]

    def series_of(self, indices: Tensor | None = None) -> Tensor:
        """The series (N,) of each window, on the processor."""
        origins = self.origins if indices is None else self.origins[indices]
        return self.steps.series_of[origins - 1].cpu()

    def to(self, device: torch.device) -> "Windows":
        moved = copy(self)
        moved.steps, moved.origins = self.steps.to(device), self.origins.to(device)
        moved.around = self.around.to(device)
        return moved

    def subset(self, indices: Tensor) -> "Windows":
        """Some of the windows, on the same series."""
        some = copy(self)
        some.origins = self.origins.index_select(0, indices)
        return some

    def with_known_future(self, share: float) -> "Windows":
        """Those of whose future at least this share is known; a share just above 0 leaves out the empty ones."""
        known = torch.isfinite(self.truth).double().mean(dim=1).cumsum(0)  # (T,)
        known = torch.cat([known.new_zeros(1), known])  # known[t]: how much is known before step t
        found = (known[self.origins + self.horizon] - known[self.origins]) / self.horizon  # (N,)
        return self.subset(torch.nonzero(found > share - 1e-9)[:, 0])

    def season_before(self, season: int) -> Tensor:
        """The seasonal naive forecast (N, horizon, S) in the unit of the data: the last season again and again.

        Where a series has no whole season before the origin, its last value is all there is.
        """
        origins, ahead = self.origins[:, None], self.around[self.context :]
        steps = (origins - season + ahead % season).clamp(min=0)
        is_there = self.steps.series_of[(self.origins - season).clamp(min=0)] == self.steps.series_of[self.origins - 1]
        is_there &= self.origins >= season
        last = (origins - 1).expand_as(steps)
        values = self.values[torch.where(is_there[:, None], steps, last)]
        return self.in_series_unit(torch.where(values.isnan(), self.values[last], values).cpu().double())

    @property
    def _all(self) -> Tensor:
        return torch.arange(len(self), device=self.origins.device)

    def _around(self, indices: Tensor) -> Tensor:
        origins = self.origins.index_select(0, indices.to(self.origins.device))
        return origins[:, None] + self.around

    def _measure(self, past: Tensor) -> tuple[Tensor, Tensor]:
        """Centre and scale (n, 1, S) of pasts (n, context, S), of what is known of them."""
        return centre_and_scale(past)


def centre_and_scale(past: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (n, 1, S), and deviation or a tenth of the mean size, whichever is larger, of pasts; NaN is passed over.

    Shape:
        - past: (n, context, S)
    """
    known = ~past.isnan()
    count = known.sum(dim=1, keepdim=True).clamp(min=1)
    values = torch.where(known, past, torch.zeros_like(past))
    centre = values.sum(dim=1, keepdim=True) / count
    square = torch.where(known, (past - centre) ** 2, torch.zeros_like(past)).sum(dim=1, keepdim=True) / count
    size = values.abs().sum(dim=1, keepdim=True) / count
    return centre, torch.maximum(square.sqrt(), LEAST_SCALE * size).clamp(min=TINY)


def used_scale(scale: Tensor) -> Tensor:
    """What a forecast is multiplied with: 0 for a past that was always zero, of which nothing but zero follows."""
    return torch.where(scale > TINY, scale, torch.zeros_like(scale))


def swing_of(past: Tensor) -> Tensor:
    """(n, 1, S) deviation of standardised pasts (n, context, S), or a tenth of that of training if that is larger."""
    centre = past.mean(dim=1, keepdim=True)
    return ((past - centre) ** 2).mean(dim=1, keepdim=True).sqrt().clamp(min=LEAST_SWING)


def origins_between(start: int, stop: int, context: int, horizon: int, stride: int = 1) -> Tensor:
    """Where forecasts begin whose futures lie within steps [start, stop) and whose pasts begin at 0 or later."""
    return torch.arange(max(start, context), max(start, context, stop - horizon + 1), stride)


def as_tensor(values: np.ndarray) -> Tensor:
    """float32, contiguous."""
    return torch.from_numpy(np.ascontiguousarray(values)).float()
