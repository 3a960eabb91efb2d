"""A line, neighbours and a net on the same rows: the net is ahead on pictures and not on a table."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.neighbors import KNeighborsClassifier

from deepglass.glass.foundations import three_learners


def halves(load, scale, seed, count=600):
    """Rows to learn from and rows to be asked about, on one scale."""
    X, y = load(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(X))[:count]
    taught, asked = order[: len(order) // 2], order[len(order) // 2 :]
    X = X / 16 if scale == "pixels" else (X - X[taught].mean(0)) / X[taught].std(0)
    return X[taught], y[taught], X[asked], y[asked]


def test_on_pictures_the_net_is_ahead_of_both():
    shares = three_learners.compare(*halves(load_digits, "pixels", seed=0, count=1400), image_size=(8, 8))
    assert shares["net"] > max(shares["line"], shares["neighbours"])
    assert shares["net"] > 0.95


def test_on_a_table_the_net_is_not_ahead_of_the_line():
    shares = [three_learners.compare(*halves(load_breast_cancer, "columns", seed)) for seed in range(3)]
    line, net = (np.mean([share[name] for share in shares]) for name in ("line", "net"))
    assert net < line + 0.01  # two of 284 rows
    assert min(line, net) > 0.94


@pytest.mark.parametrize("k", [1, 5])
def test_the_neighbours_are_scikit_learns(k):
    X, y, X_test, _ = halves(load_breast_cancer, "columns", seed=1)
    theirs = KNeighborsClassifier(k).fit(X, y).predict(X_test)
    np.testing.assert_array_equal(three_learners.nearest_neighbours(X, y, X_test, k), theirs)


def test_the_same_seed_gives_the_same_shares():
    data = halves(load_breast_cancer, "columns", seed=2, count=120)
    assert three_learners.compare(*data) == three_learners.compare(*data)
