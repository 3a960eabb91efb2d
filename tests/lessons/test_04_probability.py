"""What lesson 4 claims about chance: densities against SciPy and PyTorch, and averages that calm down as 1/√n."""

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from tests.lessons.opened import opened
from tests.lessons.tried import tried

JUDGES = {
    "normal": (stats.norm(), torch.distributions.Normal(0.0, 1.0), 0),
    "uniform": (stats.uniform(-np.sqrt(3), 2 * np.sqrt(3)), None, 0),
    "exponential": (stats.expon(-1), torch.distributions.Exponential(1.0), 1),
    "Cauchy": (stats.cauchy(), torch.distributions.Cauchy(0.0, 1.0), 0),
}


@pytest.fixture(scope="module")
def lesson():
    return opened("04_probability").module


@pytest.mark.parametrize("name", JUDGES)
def test_densities_are_scipys_and_pytorchs(lesson, name):
    scipy, pytorch, shift = JUDGES[name]
    x = np.linspace(-4, 4, 160)
    np.testing.assert_allclose(lesson.density(name, x), scipy.pdf(x), atol=1e-12)
    if pytorch is not None:
        inside = x[x + shift >= 0] if name == "exponential" else x
        theirs = pytorch.log_prob(torch.tensor(inside + shift)).exp().numpy()
        np.testing.assert_allclose(lesson.density(name, inside), theirs, rtol=1e-6)


@pytest.mark.parametrize("name", JUDGES)
def test_what_is_drawn_has_the_density_that_is_drawn(lesson, name):
    assert stats.kstest(lesson.draw(name, 20_000, seed=3), JUDGES[name][0].cdf).pvalue > 0.01


@pytest.mark.parametrize("name", ["normal", "uniform", "exponential"])
def test_mean_and_variance_converge_as_one_over_root_n(lesson, name):
    sizes = np.array([4, 16, 64, 256])
    draws = [lesson.draw(name, 2000, int(n), seed=int(n)) for n in sizes]
    for error in ([d.mean(1).std() for d in draws], [d.var(1, ddof=1).std() for d in draws]):
        slope = np.polyfit(np.log(sizes), np.log(error), 1)[0]
        assert slope == pytest.approx(-0.5, abs=0.07)
    np.testing.assert_allclose([d.mean(1).std() * np.sqrt(n) for d, n in zip(draws, sizes)], 1, rtol=0.06)


@pytest.mark.parametrize("name", ["normal", "uniform", "exponential"])
def test_mean_zero_and_variance_one_as_the_lesson_says(lesson, name):
    ends = {"uniform": (-np.sqrt(3), np.sqrt(3)), "exponential": (-1, 40), "normal": (-12, 12)}[name]
    moments = [integrate.quad(lambda x, k=k: x**k * lesson.density(name, x), *ends)[0] for k in range(3)]
    np.testing.assert_allclose(moments, [1, 0, 1], atol=1e-6)


def test_balls_pile_up_as_the_ways_are_counted(lesson):
    ends = lesson.falls(20_000)[:, -1] + lesson.ROWS / 2
    counts = np.bincount(ends.astype(int), minlength=lesson.ROWS + 1)
    np.testing.assert_allclose(lesson.piles(), stats.binom(lesson.ROWS, 0.5).pmf(np.arange(lesson.ROWS + 1)))
    assert stats.chisquare(counts, 20_000 * lesson.piles()).pvalue > 0.01


def test_the_mean_of_cauchy_numbers_never_settles_and_the_median_does(lesson):
    apart = {
        (name, median): np.ptp(lesson.settling(name, median)[1][:, -1])
        for name in ("Cauchy", "normal")
        for median in (False, True)
    }
    assert apart["Cauchy", False] > 1
    assert max(apart["Cauchy", True], apart["normal", False], apart["normal", True]) < 0.1


def test_averages_become_normal(lesson):
    lopsided = [stats.skew(lesson.draw("exponential", 4000, n).mean(1)) for n in (1, 16, 256)]
    assert lopsided[0] > 1.5 > 0.8 > lopsided[1] > 0.25 > lopsided[2]


def test_bayes_is_the_share_among_those_who_are_flagged(lesson):
    rng = np.random.default_rng(0)
    for one_in, finds, alarms in ((50, 0.9, 0.1), (2, 0.6, 0.3), (20, 1.0, 0.01)):
        is_ill = rng.random(400_000) < 1 / one_in
        is_flagged = rng.random(400_000) < np.where(is_ill, finds, alarms)
        posterior = lesson.ill_if_flagged(one_in, finds, alarms)
        assert is_ill[is_flagged].mean() == pytest.approx(posterior, abs=0.012)
        flagged_ill, flagged_well, *_ = counts = lesson.crowd(one_in, finds, alarms)
        assert counts.sum() == pytest.approx(1000)
        assert flagged_ill / (flagged_ill + flagged_well) == pytest.approx(posterior)


def test_a_clue_that_comes_to_all_alike_tells_nothing_and_a_rarer_illness_makes_it_worth_less(lesson):
    assert lesson.ill_if_flagged(50, 0.3, 0.3) == pytest.approx(1 / 50)
    worth = [lesson.ill_if_flagged(one_in, 0.9, 0.1) for one_in in (2, 5, 10, 20, 50, 100)]
    assert worth == sorted(worth, reverse=True)
    assert worth[4] < 0.2  # the state in which the reader finds it: far from 90 %


def test_without_a_variance_averages_do_not_become_normal(lesson):
    """The counter-example to "whatever you begin with"."""
    spread = [np.subtract(*np.percentile(lesson.draw("Cauchy", 4000, n).mean(1), [75, 25])) for n in (1, 100)]
    assert spread[1] == pytest.approx(spread[0], rel=0.15)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x.mean(), x.var()", "Weigh each value"),
        ("(x * p).sum(), (x * x * p).sum()", "Take the mean away"),
        ("(x * p).sum(), ((x - (x * p).sum()) ** 2 * p).sum() ** 0.5", "standard deviation"),
        ("3.5", "Give back two numbers"),
    ],
)
def test_wrong_moments_are_told_what_is_wrong(line, said):
    assert said in tried("moments", f"def moments(x, p):\n    return {line}").message
