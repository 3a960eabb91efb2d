"""The Gaussian process against scikit-learn's."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

from deepglass.tuning.gaussian_process import GaussianProcess, Kernel
from deepglass.tuning.importance import importance
from deepglass.tuning.samplers import Told
from deepglass.tuning.samplers.gaussian import even, expected_improvement
from tests.tuning.functions import cube, few_matter


@pytest.fixture
def known():
    draw = np.random.default_rng(0)
    points = draw.random((15, 3))
    return points, np.sin(5 * points[:, 0]) + points[:, 1] ** 2 + 0.1 * draw.normal(size=15), draw.random((40, 3))


def theirs(kernel, points, values):
    matern = ConstantKernel(kernel.signal**2) * Matern(kernel.lengths, nu=2.5)
    return GaussianProcessRegressor(matern, alpha=kernel.noise**2, optimizer=None).fit(points, values)


def test_mean_deviation_and_likelihood_are_those_of_scikit_learn(known):
    points, values, asked = known
    kernel = Kernel(np.array([0.4, 0.9, 2.0]), signal=1.3, noise=0.1)
    ours, other = GaussianProcess(points, values, kernel), theirs(kernel, points, values)
    mean, deviation = other.predict(asked, return_std=True)
    np.testing.assert_allclose(ours.predict(asked)[0], mean, atol=1e-9)
    np.testing.assert_allclose(ours.predict(asked)[1], deviation, atol=1e-7)
    assert ours.log_likelihood() == pytest.approx(other.log_marginal_likelihood(), abs=1e-8)


def test_the_fitted_kernel_is_more_likely_than_others_and_knows_what_does_not_matter(known):
    points, values, _ = known
    fitted = GaussianProcess.fitted(points, values)
    for lengths in ((0.3, 0.3, 0.3), (1.0, 1.0, 1.0), (5.0, 5.0, 5.0)):
        assert fitted.log_likelihood() >= GaussianProcess(points, values, Kernel(np.array(lengths))).log_likelihood()
    assert fitted.kernel.lengths[2] > 3 * fitted.kernel.lengths[0]


def test_expected_improvement_is_the_mean_of_what_is_drawn():
    mean, deviation, best = np.array([0.2, -0.5, 1.0]), np.array([1.0, 0.1, 0.5]), 0.0
    drawn = mean + deviation * np.random.default_rng(0).standard_normal((400_000, 3))
    np.testing.assert_allclose(
        expected_improvement(mean, deviation, best), np.maximum(0, best - drawn).mean(axis=0), atol=5e-3
    )


def test_costs_of_any_size_become_a_normal_distribution_in_the_same_order():
    costs = np.array([3.0, 1e9, 1.0, float("inf"), 2.0])
    assert np.array_equal(np.argsort(even(costs)), np.argsort(costs))
    assert np.allclose(np.sort(even(costs)), norm.ppf((np.arange(5) + 0.5) / 5))


def test_importance_finds_the_settings_that_matter():
    points = np.random.default_rng(2).random((40, 4))
    shares = importance(cube(4), [Told(point, few_matter(point)) for point in points])
    assert set(list(shares)[:2]) == {"x0", "x1"}
    assert shares["x2"] < 0.1
    assert shares["x3"] < 0.1
    assert sum(shares.values()) == pytest.approx(1.0, abs=0.15)


def test_too_few_trials_tell_nothing():
    assert importance(cube(2), [Told(np.zeros(2), 1.0)] * 3) == {}
