"""What a moment says by itself."""

import numpy as np
import pandas as pd
import pytest
import torch

from deepglass.data.preprocess import moments


def features(times: pd.DatetimeIndex, periods) -> torch.Tensor:
    return moments.features(
        torch.from_numpy(times.to_numpy().astype("datetime64[us]").astype(float) / 86_400e6), periods
    )


@pytest.mark.parametrize(
    ("step", "days", "expected"),
    [
        (3600, 60, {7.0, 1.0}), (3600, 10, {1.0}), (86_400, 60, {7.0}), (86_400, 900, {365.2425, 7.0}),
        (30.4 * 86_400, 3000, {365.2425}), (365.25 * 86_400, 9000, set()), (None, 900, set()),
    ],
)  # fmt: skip
def test_periods_that_a_series_can_teach(step, days, expected):
    assert {period for period, _ in moments.periods_of(step, days)} == expected


def test_the_same_hour_of_the_same_weekday_looks_the_same():
    periods = ((7.0, 3), (1.0, 6))
    week = features(pd.date_range("2024-01-01", periods=168, freq="h"), periods)
    assert week.shape == (168, moments.count(periods))
    torch.testing.assert_close(
        week, features(pd.date_range("2024-03-04", periods=168, freq="h"), periods), atol=1e-4, rtol=0
    )
    distances = torch.cdist(week, week) + 10 * torch.eye(168)
    assert distances.min() > 0.3  # every hour of the week has a look of its own


def test_a_course_of_hours_that_differs_at_weekends_is_linear_in_them():
    times = pd.date_range("2024-01-01", periods=168 * 4, freq="h")
    course = np.where(times.day_of_week < 5, 30, 10) * np.sin(2 * np.pi * times.hour.to_numpy() / 24)
    x = np.column_stack([np.ones(len(times)), features(times, ((7.0, 3), (1.0, 3))).numpy()])
    left = course - x @ np.linalg.lstsq(x, course, rcond=None)[0]
    assert left.std() < 0.02 * course.std()
