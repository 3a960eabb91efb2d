"""Exponential smoothing beside a forecaster: each series by itself, from the same past, on the same windows.

The rates are learnt before the first window that chooses; the windows that choose say which kind of smoothing is best.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from deepglass.data.preprocess.windows import Windows
from deepglass.rivals import Time, smoothing

MOST_SERIES = 20  # series times targets: each is fitted by itself

Loss = Callable[[Windows, Tensor], Tensor]  # windows and forecasts (N, horizon, S) in the unit → losses (N,)


def smoothed(val: Windows, test: Windows, season: int, loss: Loss, time: Time) -> tuple[Tensor, Tensor] | None:
    """Forecasts (N, horizon, S) for both, in the unit of the data; None where there is no time, or no past.

    Args:
        val: Windows that choose. All their futures lie behind what is learnt from.
        test: Windows into the same series.
    """
    num_series, num_targets = val.steps.level.shape
    if len(val) == 0 or num_series * num_targets > MOST_SERIES:
        return None
    found = [torch.full((len(w), w.horizon, num_targets), np.nan, dtype=torch.float64) for w in (val, test)]
    for i in range(num_series):
        own = [(w.series_of() == i).numpy() for w in (val, test)]
        for s in range(num_targets) if own[0].any() else ():
            best = _best(val, test, own, (i, s), season, loss, time)
            if best is None:
                return None
            for forecasts, is_own, said in zip(found, own, best, strict=True):
                forecasts[torch.from_numpy(is_own), :, s] = torch.from_numpy(said)
    return None if any(part.isnan().any() for part in found) else (found[0], found[1])


def _best(
    val: Windows, test: Windows, own: list[np.ndarray], place: tuple[int, int], season: int, loss: Loss, time: Time
) -> list[np.ndarray] | None:
    """Forecasts of both parts for one target of one series, by the kind of smoothing that is best on the first."""
    values, begin = _values(val, *place)
    origins = [w.origins.cpu().numpy()[is_own] - begin for w, is_own in zip((val, test), own, strict=True)]
    train = values[: max(0, origins[0].min())]
    losses, answers = [], []
    for model in smoothing.candidates(train, season):
        if time.is_up():
            break
        states = model.fitted(train).states(values)
        answers.append([states.forecast(at, val.horizon) for at in origins])
        losses.append(_error(val, own[0], answers[-1][0], place, loss))
    return answers[int(np.nanargmin(losses))] if np.isfinite(losses).any() else None


def _values(windows: Windows, i: int, s: int) -> tuple[np.ndarray, int]:
    """The values of a target of a series from the first known one on, in the unit of the data, and the step of that."""
    steps = windows.steps
    rows = torch.nonzero(steps.series_of == i)[:, 0].cpu()
    values = (steps.values.cpu().double()[rows, s] * steps.spread[i, s] + steps.level[i, s]).numpy()
    first = int(np.argmax(np.isfinite(values)))
    return values[first:], int(rows[0]) + first


def _error(val: Windows, is_own: np.ndarray, said: np.ndarray, place: tuple[int, int], loss: Loss) -> float:
    """Their mean loss over the windows of the series, other targets left out."""
    rows = torch.from_numpy(np.flatnonzero(is_own))
    windows = val.subset(rows)
    forecasts = windows.futures()
    forecasts[:, :, place[1]] = torch.from_numpy(said)
    return float(loss(windows, forecasts).nanmean())
