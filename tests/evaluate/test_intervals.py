"""Intervals cover the truth as often as they say: by simulation, and by counting where that can be done exactly."""

import numpy as np
import pytest
from scipy import stats

from deepglass.core.errors import ShapeError
from deepglass.evaluate import intervals


def test_the_bootstrap_of_a_mean_covers_as_it_says():
    rng, hits = np.random.default_rng(0), 0
    for seed in range(400):
        low, high = intervals.mean_interval(rng.exponential(size=150), seed=seed)
        hits += low <= 1 <= high
    assert 0.91 <= hits / 400 <= 0.975


def test_many_rows_in_groups_have_the_spread_of_single_rows():
    values = np.random.default_rng(0).exponential(size=(30_000, 1))
    assert len(values) > intervals.MAX_UNITS
    samples = intervals.resampled_means(values)[:, 0]
    assert samples.std() == pytest.approx(values.std() / np.sqrt(len(values)), rel=0.08)
    assert samples.mean() == pytest.approx(values.mean(), abs=4 * samples.std() / np.sqrt(len(samples)))


def test_the_bootstrap_of_any_metric_equals_that_of_the_mean():
    values = np.random.default_rng(0).normal(size=300)
    slow, fast = intervals.bootstrap(np.mean, values), intervals.mean_interval(values)
    assert slow == pytest.approx(fast, abs=0.02)


def test_rows_of_all_arrays_are_resampled_together():
    x = np.arange(50.0)
    low, high = intervals.bootstrap(lambda a, b: float(np.abs(a - b).max()), x, x)
    assert (low, high) == (0, 0)


def test_the_same_seed_gives_the_same_interval():
    values = np.random.default_rng(0).normal(size=100)
    assert intervals.mean_interval(values, seed=5) == intervals.mean_interval(values, seed=5)
    assert intervals.mean_interval(values, seed=5) != intervals.mean_interval(values, seed=6)


@pytest.mark.parametrize(("count", "share"), [(20, 0.5), (30, 0.9), (100, 0.97), (500, 0.02)])
def test_wilson_covers_as_it_says(count, share):
    hits = np.arange(count + 1)
    ends = np.array([intervals.wilson(int(h), count) for h in hits])
    covered = (ends[:, 0] <= share) & (share <= ends[:, 1])
    assert 0.92 <= stats.binom.pmf(hits[covered], count, share).sum() <= 0.98


def test_wilson_stays_in_its_range_and_equals_scipy():
    for hits, count in [(0, 5), (5, 5), (37, 50)]:
        theirs = stats.binomtest(hits, count).proportion_ci(method="wilson")
        assert intervals.wilson(hits, count) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_blocks_cover_where_single_rows_are_far_too_sure():
    rng, hits = np.random.default_rng(0), {"blocks": 0, "rows": 0}
    for seed in range(120):
        noise = rng.normal(size=1023)
        values = np.convolve(noise, np.ones(24) / 24, mode="valid")  # neighbours share 23 of 24 values
        for name, samples in {
            "blocks": intervals.block_means(values, 48, seed=seed),
            "rows": intervals.resampled_means(values[:, None], seed=seed)[:, 0],
        }.items():
            low, high = intervals.percentile_interval(samples)
            hits[name] += low <= 0 <= high
    assert hits["blocks"] / 120 > 0.85
    assert hits["rows"] / 120 < 0.5


def test_arrays_of_different_length_are_refused_in_words():
    with pytest.raises(ShapeError, match=r"one common length above 0, got lengths \[2, 3\]"):
        intervals.bootstrap(np.mean, np.zeros(2), np.zeros(3))
