"""Windows on one series and on many: pasts, futures, scales, the last season."""

import numpy as np
import pytest
import torch

from deepglass.data.preprocess.windows import Steps, Windows, centre_and_scale, origins_between


def windows(count: int = 20, context: int = 4, horizon: int = 3) -> Windows:
    values = torch.arange(count, dtype=torch.float32)[:, None]
    steps = Steps.of_one(values, -values, values.clone())
    return Windows(steps, origins_between(0, count, context, horizon), context, horizon)


def many(factor: float = 1.0, start: float = 0.0) -> Windows:
    """Two series of ten steps with room of three after each, the second a thousand times as large."""
    rng = np.random.default_rng(0)
    values = torch.from_numpy(
        start + factor * np.concatenate([rng.normal(5, 1, 13), 1000 * rng.normal(5, 1, 13)])
    ).float()[:, None]
    none, series = torch.zeros(26, 0), torch.repeat_interleave(torch.arange(2), 13)
    level = torch.zeros(2, 1, dtype=torch.float64)
    spread = torch.tensor([[1.0], [1000.0]], dtype=torch.float64)
    scaled = values / spread.float()[series]
    steps = Steps(scaled, none, scaled, none, none[:1], torch.zeros(26, dtype=torch.int64), torch.zeros(2, 0), series,
                  level, spread, is_relative=True)  # fmt: skip
    return Windows(steps, torch.tensor([6, 19]), 4, 3)


def test_a_window_is_the_past_and_the_future_around_its_origin():
    past, covariates, known, static, future = windows().batch(torch.tensor([0, 13]))
    assert past[:, :, 0].tolist() == [[0, 1, 2, 3], [13, 14, 15, 16]]
    assert covariates[:, :, 0].tolist() == [[0, -1, -2, -3], [-13, -14, -15, -16]]
    assert future[:, :, 0].tolist() == [[4, 5, 6], [17, 18, 19]]
    assert (known.shape, static.shape) == ((2, 7, 0), (2, 0))


def test_there_are_as_many_windows_as_fit():
    assert len(windows(20, 4, 3)) == 20 - 4 - 3 + 1
    assert origins_between(10, 13, 4, 3).tolist() == [10]
    assert len(origins_between(10, 12, 4, 3)) == 0


def test_season_before_repeats_the_last_season():
    forecast = windows(20, 4, 3).season_before(2)
    assert forecast[0, :, 0].tolist() == [2, 3, 2]


def test_without_a_whole_season_the_last_value_is_repeated():
    assert windows(20, 4, 3).season_before(9)[0, :, 0].tolist() == [3, 3, 3]
    found = many()
    assert torch.allclose(found.season_before(9)[1, :, 0], found.in_series_unit(found.values[18].double()[None])[1])


def test_windows_without_a_known_future_are_left_out():
    all_windows = windows(12, 2, 2)
    all_windows.truth[5] = torch.nan
    assert all_windows.with_known_future(1.0).origins.tolist() == [2, 3, 6, 7, 8, 9, 10]
    all_windows.truth[6] = torch.nan
    assert all_windows.with_known_future(1e-6).origins.tolist() == [2, 3, 4, 6, 7, 8, 9, 10]


@pytest.mark.parametrize(("factor", "start"), [(3.0, 0.0), (0.01, 0.0)])
def test_windows_of_many_series_look_alike_at_any_size(factor, start):
    for one, other in zip(many().batch(torch.arange(2)), many(factor, start).batch(torch.arange(2)), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


def test_a_perfect_forecast_comes_back_in_the_unit_of_each_series():
    found = many()
    future = found.batch(torch.arange(2))[-1]
    torch.testing.assert_close(found.in_unit(future), found.futures(), rtol=1e-5, atol=1e-4)
    assert found.futures()[1].mean() > 100 * found.futures()[0].mean()
    assert found.swings()[:, 0, 0].tolist() == [1, 1000]


def test_before_its_first_value_a_past_is_its_own_mean():
    found = many()
    found.steps.values[2:4] = torch.nan
    found = Windows(found.steps, found.origins, 4, 3)
    past = found.batch(torch.tensor([0]))[0][0, :, 0]
    assert past[:2].tolist() == [0, 0]
    assert past[2:].sum().abs() < 1e-5


def test_a_flat_past_has_a_scale():
    centre, scale = centre_and_scale(torch.tensor([[5.0] * 4, [0.0] * 4, [torch.nan] * 4])[:, :, None])
    assert centre[:, 0, 0].tolist() == [5, 0, 0]
    assert scale[0, 0, 0] == pytest.approx(0.5)
    assert (scale > 0).all()
