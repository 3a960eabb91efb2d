"""The map of the last hidden layer, against the eigenvectors of the covariance."""

import numpy as np
import torch

from deepglass.see.panels.embedding import common, edges, flat, principal


def test_points_are_those_of_the_covariance_up_to_sign():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 5)) @ rng.normal(size=(5, 5))
    points, shares = principal(x)
    centred = x - x.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    expected = centred @ vectors[:, ::-1][:, :2]
    np.testing.assert_allclose(np.abs(points), np.abs(expected), atol=1e-9)
    np.testing.assert_allclose(shares, values[::-1] / values.sum(), atol=1e-12)
    assert np.square(points).sum() <= np.square(centred).sum()


def test_a_map_does_not_turn_over_with_the_sign_of_the_library():
    x = np.random.default_rng(1).normal(size=(10, 3))
    points, _ = principal(x)
    np.testing.assert_allclose(principal(x + 7.0)[0], points, atol=1e-9)


def test_numbers_that_are_all_the_same_lie_in_one_place():
    points, shares = principal(np.ones((4, 2)))
    assert not points.any()
    assert not shares.any()


def test_sequences_and_pictures_become_one_vector_for_each_example():
    assert flat(torch.ones(2, 7), is_picture=False).shape == (2, 7)
    assert flat(torch.ones(2, 3, 7), is_picture=False).shape == (2, 7)
    assert flat(torch.ones(2, 7, 4, 4), is_picture=True).shape == (2, 7)


def test_points_at_the_edges_and_common_groups_are_named():
    assert edges(np.array([[0.0, 0], [-1, 0], [2, 0], [0, -3], [0, 4]])) == [1, 2, 3, 4]
    assert common(list("aaabbc") + list("defgh"))[:3] == ["a", "b", "c"]
    assert len(common(list("abcdefgh"))) == 5
