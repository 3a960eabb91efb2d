"""A word between its neighbours: distributions, the posterior of a Markov chain, and what an unknown neighbour says."""

import numpy as np
import pytest

from deepglass.rivals import Time
from deepglass.rivals.neighbours import BOUNDARY, Neighbours

V, HIDDEN = 8, 1


def chain(texts, length=12, seed=0):
    """Texts that a Markov chain writes, and its table (V, V); column 0 is how they end, which they do not."""
    rng = np.random.default_rng(seed)
    table = np.zeros((V, V))
    table[:, 2:] = rng.dirichlet(np.full(V - 2, 0.4), V)
    tokens = np.zeros((texts, length), int)
    for row in tokens:
        before = BOUNDARY
        for place in range(length):
            before = row[place] = rng.choice(V, p=table[before])
    return tokens, table


def test_every_answer_is_a_distribution():
    tokens, _ = chain(50)
    model = Neighbours(tokens, V, HIDDEN, Time(9))
    for before, after in ((BOUNDARY, 3), (4, BOUNDARY), (HIDDEN, 5), (6, HIDDEN), (HIDDEN, HIDDEN), (2, 7)):
        shares = model.shares(before, after)
        assert shares.sum() == pytest.approx(1)
        assert shares[BOUNDARY] == 0
        assert (shares >= 0).all()


def test_of_a_markov_chain_it_is_the_posterior():
    tokens, table = chain(6_000)
    model = Neighbours(tokens, V, HIDDEN, Time(60))
    inner = Neighbours(tokens[:, :-1], V, HIDDEN, Time(60))  # cut anywhere, the bounds say little else
    for before, after in ((3, 4), (5, 2), (7, 7)):
        exact = table[before] * table[:, after]
        exact /= exact.sum()
        assert np.abs(model.shares(before, after) - exact).max() < 0.03
        assert np.abs(inner.shares(before, after) - exact).max() < 0.03


def test_a_neighbour_that_is_unknown_says_nothing():
    tokens, table = chain(2_000)
    model = Neighbours(tokens, V, HIDDEN, Time(60))
    assert np.allclose(model.shares(HIDDEN, HIDDEN), model.words)
    assert np.abs(model.shares(4, HIDDEN)[2:] - table[4, 2:]).max() < 0.05


def test_pairs_that_were_never_seen_are_possible():
    model = Neighbours(np.array([[2, 3], [4, 5]]), V, HIDDEN, Time(9))
    assert model.shares(2, BOUNDARY)[5] > 0
    assert model.shares(2, BOUNDARY).argmax() == 3


def test_without_time_for_pairs_there_are_words():
    tokens, _ = chain(20)
    model = Neighbours(tokens, V, HIDDEN, None)
    counts = np.bincount(tokens.ravel(), minlength=V) + (np.arange(V) != BOUNDARY)
    assert np.allclose(model.words, counts / counts.sum())
