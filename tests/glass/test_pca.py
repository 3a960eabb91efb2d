"""Principal components by power iteration against scikit-learn's, which come from a singular value decomposition."""

import numpy as np
import pytest
from scipy.linalg import subspace_angles
from sklearn import decomposition
from sklearn.datasets import load_digits, load_wine
from sklearn.preprocessing import StandardScaler

from deepglass.glass.classic import PCA
from deepglass.glass.classic.pca import turned


@pytest.mark.parametrize("count", [1, 2, 5])
def test_components_and_variances_are_scikit_learns(count):
    X = StandardScaler().fit_transform(load_wine().data)
    ours, theirs = PCA(count).fit(X), decomposition.PCA(count).fit(X)
    signs = np.sign((ours.components_ * theirs.components_).sum(1, keepdims=True))
    np.testing.assert_allclose(ours.components_, signs * theirs.components_, atol=1e-6)
    np.testing.assert_allclose(ours.explained_variance_, theirs.explained_variance_, rtol=1e-8)
    made = ours.inverse_transform(ours.transform(X))
    np.testing.assert_allclose(made, theirs.inverse_transform(theirs.transform(X)), atol=1e-6)


def test_the_plane_of_digits_is_that_of_scikit_learn():
    X = load_digits().data[:500]
    ours, theirs = PCA(3).fit(X), decomposition.PCA(3).fit(X)
    assert subspace_angles(ours.components_.T, theirs.components_.T).max() < 1e-4


def test_directions_have_length_one_and_stand_at_right_angles():
    W = PCA(6).fit(load_wine().data).components_
    np.testing.assert_allclose(W @ W.T, np.eye(6), atol=1e-9)


def test_every_step_turns_towards_the_largest_spread():
    rows = np.random.default_rng(0).normal(size=(200, 4)) * [3, 2, 1, 0.5]
    w, spreads = np.ones(4), []
    for _ in range(8):
        w = turned(rows, w)
        spreads.append(np.square(rows @ w).sum())
    assert np.all(np.diff(spreads) >= -1e-9)


def test_the_farther_the_first_spread_is_above_the_second_the_fewer_steps():
    rows = np.random.default_rng(0).normal(size=(300, 3))
    near, far = (PCA(1).fit(rows * scale).n_iter_[0] for scale in ([1.1, 1, 1], [3, 1, 1]))
    assert far < near


def test_rows_without_any_spread_left_still_get_directions():
    model = PCA(2).fit([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    np.testing.assert_allclose(np.abs(model.components_), np.sqrt(0.5), atol=1e-9)
    np.testing.assert_allclose(model.explained_variance_, [2, 0], atol=1e-9)


def test_what_cannot_be_found_is_refused():
    with pytest.raises(ValueError, match="1 component or more, got 0"):
        PCA(0)
    with pytest.raises(ValueError, match="at least 3 features, got 2"):
        PCA(3).fit([[0.0, 1.0], [1.0, 0.0]])
