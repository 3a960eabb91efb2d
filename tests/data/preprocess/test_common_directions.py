"""All but the top: what vectors share is taken out, and nothing else."""

import numpy as np
from sklearn.decomposition import PCA

from deepglass.data.preprocess.common_directions import common_of


def vectors(count=200, dim=20, seed=0):
    """Around a mean far from zero, and longest along one axis."""
    rng = np.random.default_rng(seed)
    return (5 + rng.normal(size=(count, dim)) * np.r_[9.0, np.ones(dim - 1)]).astype(np.float32)


def test_the_directions_are_the_first_principal_components():
    found = common_of(vectors(), 3).directions
    theirs = PCA(3).fit(vectors()).components_
    np.testing.assert_allclose(np.abs((found * theirs).sum(axis=1)), 1, atol=1e-4)


def test_mean_and_directions_are_gone_and_the_rest_is_kept():
    rows = vectors()
    common = common_of(rows, 2)
    freed = common.without(rows)
    np.testing.assert_allclose(freed.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(freed @ common.directions.T, 0, atol=1e-3)
    rest = np.eye(20) - common.directions.T @ common.directions
    np.testing.assert_allclose(freed, (rows - rows.mean(axis=0)) @ rest, atol=1e-3)


def test_one_direction_is_taken_per_hundred_numbers_and_none_of_short_vectors():
    assert len(common_of(vectors(dim=20)).directions) == 0
    assert len(common_of(vectors(dim=100)).directions) == 1
    assert len(common_of(vectors(dim=200)).directions) == 2
