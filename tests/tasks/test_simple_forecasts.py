"""Exponential smoothing on the windows of a forecaster: in the unit of the data, learnt before the choosing windows."""

import numpy as np
import pytest
import torch

from deepglass.data.preprocess.windows import Steps, Windows
from deepglass.rivals import Time
from deepglass.tasks._simple_forecasts import MOST_SERIES, smoothed

SEASON = 6


def windows(values: np.ndarray, origins: range) -> Windows:
    """Of one series (T, S), standardised, with level 100 and spread 10."""
    held = torch.from_numpy(values).float()
    steps = Steps.of_one(held, held[:, :0], held)
    S = held.shape[1]
    level = torch.full((1, S), 100.0, dtype=torch.float64)
    steps = Steps(**{**vars(steps), "level": level, "spread": level / 10})
    return Windows(steps, torch.tensor(list(origins)), 12, 4)


def loss(part: Windows, forecasts: torch.Tensor) -> torch.Tensor:
    return (forecasts - part.futures()).abs().flatten(1).nanmean(dim=1)


def waves(count: int = 160, targets: int = 2) -> np.ndarray:
    t = np.arange(count)[:, None]
    return (
        np.sin(2 * np.pi * t / SEASON + np.arange(targets))
        + 0.01 * t
        + 0.05 * np.random.default_rng(0).normal(size=(count, targets))
    )


def test_it_forecasts_every_target_in_the_unit_of_the_data():
    values = waves()
    val, test = windows(values, range(100, 120)), windows(values, range(130, 150))
    found = smoothed(val, test, SEASON, loss, Time(60))
    assert found is not None
    assert [tuple(part.shape) for part in found] == [(20, 4, 2), (20, 4, 2)]
    assert float(loss(test, found[1]).mean()) < 1.5  # the waves swing by 10 to either side


def test_what_comes_after_the_first_window_teaches_nothing_of_the_rates():
    values = waves()
    changed = values.copy()
    changed[140:] += 50.0
    origins = range(100, 120), range(130, 136)
    one, other = (smoothed(*(windows(v, o) for o in origins), SEASON, loss, Time(60)) for v in (values, changed))
    assert one is not None
    assert other is not None
    torch.testing.assert_close(one[1], other[1])


@pytest.mark.parametrize("why", ["no time", "too many", "no past"])
def test_there_is_none_without_time_or_past_or_of_many_series(why):
    values = waves(targets=MOST_SERIES + 1 if why == "too many" else 1)
    begin = 5 if why == "no past" else 100
    val, test = windows(values, range(begin, begin + 10)), windows(values, range(130, 150))
    assert smoothed(val, test, SEASON, loss, Time(-1 if why == "no time" else 60)) is None
