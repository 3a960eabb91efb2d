"""The best of many coins looks good, and is not."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from deepglass.glass.foundations.lucky_winner import winners

TRIALS = (1, 10, 100)


@pytest.fixture(scope="module")
def found():
    return winners(TRIALS, examples=100, searches=400)


def test_the_best_of_many_coins_looks_as_good_as_the_binomial_distribution_says(found):
    shares = np.arange(101)
    for n, seen in zip(TRIALS, found.validation.mean(0), strict=True):
        below = binom.cdf(shares, 100, 0.5) ** n  # of the largest of n
        assert seen == pytest.approx(float((1 - below[:-1]).sum()) / 100, abs=0.01)


def test_on_other_examples_it_is_a_coin(found):
    assert np.allclose(found.test.mean(0), 0.5, atol=0.01)


def test_one_rival_passes_one_standard_error_as_often_as_chance_says_and_the_best_of_many_nearly_always(found):
    shares = found.is_ahead.mean(0)
    assert shares[0] == pytest.approx(norm.sf(1), abs=0.06)
    assert shares[2] > 0.8
    assert list(shares) == sorted(shares)
