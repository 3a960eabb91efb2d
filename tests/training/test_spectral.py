"""Spectral coordinates: scikit-learn's graph, its eigenvectors and its clusters."""

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.cluster import KMeans, SpectralClustering
from sklearn.datasets import make_moons
from sklearn.manifold import spectral_embedding
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import kneighbors_graph

from deepglass.training import spectral
from deepglass.training.spectral import coordinates, neighbour_graph


def rings(count=400, seed=0):
    """Two rings, one in the other: no two heaps."""
    rng = np.random.default_rng(seed)
    ring, angle = rng.integers(2, size=count), rng.uniform(0, 2 * np.pi, count)
    radius = 1 + 2 * ring + 0.1 * rng.normal(size=count)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).astype(np.float32), ring


@pytest.mark.parametrize("neighbours", [1, 7, 59])
def test_the_graph_is_scikit_learns(neighbours, monkeypatch):
    monkeypatch.setattr(spectral, "AT_ONCE", 25)
    rows = torch.randn(60, 5, generator=torch.Generator().manual_seed(0))
    theirs = kneighbors_graph(rows.numpy(), neighbours)
    found = neighbour_graph(rows, neighbours)
    np.testing.assert_allclose(found.toarray(), ((theirs + theirs.T) / 2).toarray())
    assert not found.diagonal().any()


def test_twins_are_joined_and_never_to_themselves():
    rows = torch.zeros(6, 2)
    assert not neighbour_graph(rows, 2).diagonal().any()


@pytest.mark.parametrize("size", [300, 700])  # all eigenvectors, and the largest only
def test_coordinates_are_the_eigenvectors_of_scikit_learn(size):
    rows, _ = make_moons(size, noise=0.1, random_state=0)
    graph = neighbour_graph(torch.from_numpy(rows), 12)
    theirs = spectral_embedding(graph, n_components=4, drop_first=False, random_state=0)
    theirs = theirs * np.sqrt(np.asarray(graph.sum(axis=1)))  # they divide by the root of the number of joints
    theirs = theirs / np.linalg.norm(theirs, axis=1, keepdims=True)
    found = coordinates(graph, 4)[:, ::-1]  # the largest eigenvalue first
    for one, other in zip(found.T, theirs.T):
        assert abs(one @ other) / np.linalg.norm(one) / np.linalg.norm(other) == pytest.approx(1, abs=1e-3)


@pytest.mark.filterwarnings("ignore:Graph is not fully connected")
def test_rings_are_two_groups_for_k_means_of_coordinates_as_for_scikit_learn_and_not_for_k_means_of_rows():
    rows, ring = rings()
    found = coordinates(neighbour_graph(torch.from_numpy(rows), 10), 2)
    mine = KMeans(2, n_init=5, random_state=0).fit_predict(found)
    theirs = SpectralClustering(2, affinity="nearest_neighbors", random_state=0).fit_predict(rows)
    assert adjusted_rand_score(ring, mine) == adjusted_rand_score(ring, theirs) == 1
    assert adjusted_rand_score(ring, KMeans(2, n_init=5, random_state=0).fit_predict(rows)) < 0.2


def test_groups_that_are_not_joined_lie_at_right_angles():
    block = np.ones((5, 5)) - np.eye(5)
    found = coordinates(sparse.csr_matrix(np.kron(np.eye(3), block)), 3)
    np.testing.assert_allclose(found @ found.T, np.kron(np.eye(3), np.ones((5, 5))), atol=1e-9)


def test_the_same_graph_gives_the_same_coordinates():
    rows = torch.randn(600, 3, generator=torch.Generator().manual_seed(1))
    graph = neighbour_graph(rows, 8)
    np.testing.assert_array_equal(coordinates(graph, 5), coordinates(graph, 5))


def test_as_many_coordinates_as_rows_are_possible():
    rows = torch.randn(7, 3, generator=torch.Generator().manual_seed(1))
    assert coordinates(neighbour_graph(rows, 3), 7).shape == (7, 7)
