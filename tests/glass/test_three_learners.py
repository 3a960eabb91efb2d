"""A line, a tree and a net on the same rows: the net is ahead on pictures and not on a table."""

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits

from deepglass.glass.foundations import three_learners


def halves(load, scale, seed, count=600):
    """Rows to learn from and rows to be asked about, on one scale."""
    X, y = load(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(X))[:count]
    taught, asked = order[: len(order) // 2], order[len(order) // 2 :]
    X = X / 16 if scale == "pixels" else (X - X[taught].mean(0)) / X[taught].std(0)
    return X[taught], y[taught], X[asked], y[asked]


def test_on_pictures_the_net_is_ahead_of_both_in_every_split():
    for seed in range(2):
        shares = three_learners.compare(*halves(load_digits, "pixels", seed, count=1000), image_size=(8, 8))
        assert shares["net"] > shares["line"] > shares["tree"]


def test_on_a_table_the_net_is_not_ahead_of_the_line():
    shares = [three_learners.compare(*halves(load_breast_cancer, "columns", seed)) for seed in range(4)]
    line, tree, net = (np.array([share[name] for share in shares]) for name in ("line", "tree", "net"))
    ahead = net - line
    assert ahead.mean() < 2 * ahead.std(ddof=1) / np.sqrt(len(ahead)) + 0.002
    assert line.mean() > tree.mean() > 0.9


def test_the_same_seed_gives_the_same_shares():
    data = halves(load_breast_cancer, "columns", seed=2, count=120)
    assert three_learners.compare(*data) == three_learners.compare(*data)
