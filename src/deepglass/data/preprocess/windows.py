"""Windows on a series: every example is a past and the future that followed, gathered when it is asked for.

Neighbouring windows share almost all of their values, so the series is held once and a batch is an index into it: a
million windows cost no more memory than the series.
"""

import torch
from torch import Tensor

from deepglass.data.examples import Batch


class Windows:
    """Examples (past, covariates, future) around the steps where forecasts begin.

    Args:
        values: The series that are forecast, standardised, gaps filled.
        covariates: The series that are only seen.
        truth: As `values`, with NaN where nothing is known; NaN costs nothing in the loss.
        origins: The first step of each future; at least `context` steps lie before it.
        context: Steps of a past.
        horizon: Steps of a future.

    Shape:
        - values, truth: (T, S); covariates: (T, C); origins: (N,)
        - a batch of n: past (n, context, S), covariates (n, context, C), future (n, horizon, S)
    """

    def __init__(self, values: Tensor, covariates: Tensor, truth: Tensor, origins: Tensor, context: int, horizon: int):
        self.values, self.covariates, self.truth, self.origins = values, covariates, truth, origins
        self.context, self.horizon = context, horizon
        self.back = torch.arange(-context, 0, device=values.device)
        self.ahead = torch.arange(horizon, device=values.device)

    def __len__(self) -> int:
        return len(self.origins)

    def batch(self, indices: Tensor) -> Batch:
        """The examples at `indices` (n,)."""
        origins = self.origins.index_select(0, indices.to(self.origins.device))[:, None]  # (n, 1)
        past, future = origins + self.back, origins + self.ahead  # (n, context), (n, horizon)
        return self.values[past], self.covariates[past], self.truth[future]

    def to(self, device: torch.device) -> "Windows":
        return self._with(*(t.to(device) for t in (self.values, self.covariates, self.truth, self.origins)))

    def subset(self, indices: Tensor) -> "Windows":
        """Some of the windows, on the same series."""
        return self._with(self.values, self.covariates, self.truth, self.origins.index_select(0, indices))

    def with_known_future(self, share: float) -> "Windows":
        """Those of whose future at least this share is known; a share just above 0 leaves out the empty ones."""
        known = torch.isfinite(self.truth).double().mean(dim=1).cumsum(0)  # (T,)
        known = torch.cat([known.new_zeros(1), known])  # known[t]: how much is known before step t
        found = (known[self.origins + self.horizon] - known[self.origins]) / self.horizon  # (N,)
        return self.subset(torch.nonzero(found > share - 1e-9)[:, 0])

    def season_before(self, season: int) -> Tensor:
        """The seasonal naive forecast (N, horizon, S): the last season before each origin, again and again."""
        steps = self.origins[:, None] - season + self.ahead % season  # (N, horizon)
        return self.values[steps.clamp(min=0)]  # before the first season the first value is all there is

    def _with(self, values: Tensor, covariates: Tensor, truth: Tensor, origins: Tensor) -> "Windows":
        return Windows(values, covariates, truth, origins, self.context, self.horizon)


def origins_between(start: int, stop: int, context: int, horizon: int, stride: int = 1) -> Tensor:
    """Where forecasts begin whose futures lie within steps [start, stop) and whose pasts begin at 0 or later."""
    return torch.arange(max(start, context), max(start, context, stop - horizon + 1), stride)
