"""Densities are SciPy's; samples have the moments and the distribution that the formulas promise."""

import numpy as np
import pytest
from scipy import stats

from deepglass.glass.foundations import distributions as d

CASES = {
    "uniform": (d.Uniform(-1.0, 3.0), stats.uniform(-1, 4)),
    "normal": (d.Normal(2.0, 0.5), stats.norm(2, 0.5)),
    "exponential": (d.Exponential(3.0), stats.expon(scale=1 / 3)),
    "categorical": (d.Categorical((0.2, 0.5, 0.3)), stats.rv_discrete(values=([0, 1, 2], [0.2, 0.5, 0.3]))),
    "coin": (d.Binomial(1, 0.3), stats.bernoulli(0.3)),
    "binomial": (d.Binomial(12, 0.7), stats.binom(12, 0.7)),
    "poisson": (d.Poisson(4.5), stats.poisson(4.5)),
    "many": (d.Poisson(400.0), stats.poisson(400)),
}
CONTINUOUS = ("uniform", "normal", "exponential")


@pytest.mark.parametrize("name", CASES)
def test_densities_and_moments_are_scipys(name):
    ours, theirs = CASES[name]
    x = np.linspace(-4, 6, 401) if name in CONTINUOUS else np.arange(-3, 600)
    density = theirs.pdf if name in CONTINUOUS else theirs.pmf
    np.testing.assert_allclose(ours.density(x), density(x), rtol=1e-9, atol=1e-300)
    assert ours.mean == pytest.approx(theirs.mean())
    assert ours.variance == pytest.approx(theirs.var())


@pytest.mark.parametrize("name", CASES)
def test_samples_follow_the_distribution(name):
    ours, theirs = CASES[name]
    x = ours.sample(20_000, seed=1)
    values = np.quantile(x, np.linspace(0.01, 0.99, 99)) if name in CONTINUOUS else np.unique(x)
    share = (x[:, None] <= values).mean(0)
    assert np.abs(share - theirs.cdf(values)).max() < 1.95 / np.sqrt(len(x))  # Kolmogorov: 1 in 1000, seeded
    np.testing.assert_array_equal(x, ours.sample(20_000, seed=1))
    assert (x != ours.sample(20_000, seed=2)).any()


@pytest.mark.parametrize("name", CASES)
def test_the_error_of_a_mean_falls_with_the_root_of_the_draws(name):
    ours, _ = CASES[name]
    for n in (16, 256):
        means = np.array([d.moments(ours.sample(n, seed))[0] for seed in range(400)])
        spread = np.sqrt(((means - ours.mean) ** 2).mean())
        assert spread == pytest.approx(np.sqrt(ours.variance / n), rel=0.15)


@pytest.mark.parametrize("name", CASES)
def test_the_variance_of_a_sample_is_right_on_average(name):
    ours, _ = CASES[name]
    found = np.mean([d.moments(ours.sample(5, seed))[1] for seed in range(2000)])
    assert found == pytest.approx(ours.variance, rel=0.1)  # with n in the place of n − 1 it would be 20 % too small


def test_moments_are_numpys():
    x = np.random.default_rng(0).normal(size=50)
    assert d.moments(x) == pytest.approx((x.mean(), x.var(ddof=1)))


@pytest.mark.parametrize("make", [
    lambda: d.Uniform(1, 1), lambda: d.Normal(0, 0), lambda: d.Exponential(-1), lambda: d.Categorical((0.5, 0.6)),
    lambda: d.Categorical((-0.5, 1.5)), lambda: d.Binomial(3, 1.2), lambda: d.Poisson(0), lambda: d.moments([1.0]),
])  # fmt: skip
def test_what_is_not_a_distribution_is_refused(make):
    with pytest.raises(ValueError, match="expected"):
        make()
