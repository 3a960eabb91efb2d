"""The kernel distance (KID): an estimate that a slow formula gives as well, and an interval that holds the truth."""

import numpy as np
import pytest

from deepglass.core.errors import ShapeError
from deepglass.evaluate.kernel_distance import cubic_kernel, distances_of_halves, kernel_distances, squared_mmd


def drawn(count, shift=0.0, seed=0, width=3):
    return np.random.default_rng(seed).normal(shift, 1, (count, width))


def by_hand(x, y):
    """Bińkowski et al. (2018), equation 4, pair by pair."""

    def kernel(a, b):
        return (sum(p * q for p, q in zip(a, b)) / len(a) + 1) ** 3

    m, n = len(x), len(y)
    own = sum(kernel(x[i], x[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    other = sum(kernel(y[i], y[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    return own + other - 2 * sum(kernel(a, b) for a in x for b in y) / (m * n)


def test_the_estimate_is_the_formula_of_the_paper_pair_by_pair():
    x, y = drawn(7), drawn(9, 0.5, 1)
    kernel = cubic_kernel(np.concatenate([x, y]))
    assert squared_mmd(kernel, np.arange(7), np.arange(7, 16)) == pytest.approx(by_hand(x, y))
    assert kernel_distances(x, y[:7], size=7, subsets=3) == pytest.approx([by_hand(x, y[:7])] * 3)


def test_the_kernel_is_scikit_learns():
    from sklearn.metrics.pairwise import polynomial_kernel

    rows = drawn(20)
    assert cubic_kernel(rows) == pytest.approx(polynomial_kernel(rows, degree=3, gamma=None, coef0=1))


def test_the_mean_of_all_subsets_is_the_distance_of_all_rows():
    x, y = drawn(40), drawn(40, 1.0, 1)
    assert kernel_distances(x, y, subsets=2000).mean() == pytest.approx(by_hand(x, y), rel=0.05)


def test_it_is_right_on_average_also_of_very_few_rows():
    same = [kernel_distances(drawn(6, seed=2 * i), drawn(6, seed=2 * i + 1), subsets=20).mean() for i in range(600)]
    assert abs(np.mean(same)) < 3 * np.std(same) / np.sqrt(len(same))
    assert min(same) < 0  # an estimate that could not fall below the truth would be too large on average


def test_the_middle_of_the_subsets_holds_the_truth_as_often_as_it_says():
    truth = kernel_distances(drawn(2000), drawn(2000, 0.7, 1), size=2000, subsets=1)[0]
    shifted = [kernel_distances(drawn(80, seed=2 * i), drawn(80, 0.7, 2 * i + 1), subsets=100) for i in range(10, 90)]
    ends = np.percentile(shifted, [2.5, 97.5], axis=1)
    assert 0.85 <= np.mean((ends[0] <= truth) & (truth <= ends[1])) <= 1


def test_halves_of_the_same_rows_are_apart_by_chance_alone():
    found = distances_of_halves(drawn(100))
    low, high = np.percentile(found, [2.5, 97.5])
    assert low < 0 < high
    assert high < kernel_distances(drawn(100, 1.0, 1), drawn(100)).mean()


def test_of_very_many_rows_some_are_taken_and_the_same_seed_takes_the_same():
    many = drawn(2500, width=2)
    assert np.array_equal(kernel_distances(many, many[:50], subsets=2), kernel_distances(many, many[:50], subsets=2))
    assert not np.array_equal(distances_of_halves(many[:50], seed=1), distances_of_halves(many[:50], seed=2))


@pytest.mark.parametrize(
    ("made", "real", "size", "message"),
    [
        (drawn(9), drawn(9, width=2), 0, "features of one width"),
        (drawn(3), drawn(9), 0, "at least two rows"),
        (drawn(9), drawn(9), 10, "at most 9; got 10"),
    ],
)
def test_what_cannot_be_measured_is_refused(made, real, size, message):
    with pytest.raises(ShapeError, match=message):
        kernel_distances(made, real, size=size)
    with pytest.raises(ShapeError, match="four rows"):
        distances_of_halves(drawn(3))
