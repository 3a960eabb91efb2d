"""EASE by directions of the histories against the closed form of the paper (T01)."""

import numpy as np
import pytest
from scipy import sparse

from deepglass.rivals import ease


def of_the_paper(X, penalty):
    """B of Steck (2019), equation 8."""
    P = np.linalg.inv(X.T @ X + penalty * np.eye(X.shape[1]))
    B = -P / np.diag(P)
    np.fill_diagonal(B, 0.0)
    return B


@pytest.mark.parametrize("shape", [(30, 12), (9, 40)], ids=["more users", "more items"])
@pytest.mark.parametrize("penalty", [1.0, 50.0])
def test_items_that_a_user_lacks_are_scored_as_in_the_paper(shape, penalty):
    X = (np.random.default_rng(0).random(shape) < 0.3).astype(float)
    found = ease.fit(ease.spectrum(sparse.csr_matrix(X)), penalty)
    lacks = X == 0
    np.testing.assert_allclose(found.scores(X)[lacks], (X @ of_the_paper(X, penalty))[lacks], atol=1e-9)


def test_fewer_directions_are_the_strongest():
    X = (np.random.default_rng(1).random((40, 25)) < 0.3).astype(float)
    found = ease.spectrum(sparse.csr_matrix(X))
    assert (np.diff(found.squares) <= 1e-9).all()
    whole, part = ease.fit(found, 10.0), ease.fit(found, 10.0, rank=5)
    assert part.taken.shape == (25, 5)
    np.testing.assert_allclose(part.taken, whole.taken[:, :5])


def test_a_user_who_took_nothing_and_an_item_that_nobody_took_score_zero():
    X = np.zeros((6, 5))
    X[:5, :4] = (np.random.default_rng(2).random((5, 4)) < 0.6).astype(float)
    found = ease.fit(ease.spectrum(sparse.csr_matrix(X)), 1.0)
    scores = found.scores(X)
    assert not scores[5].any()
    assert not scores[:, 4].any()
