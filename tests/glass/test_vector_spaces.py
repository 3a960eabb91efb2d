"""Span, basis, rank, projection, norms and the direction stretched most, against NumPy and against the axioms."""

import numpy as np
import pytest

from deepglass.glass.foundations import vector_spaces as spaces


def dependent(seed):
    """More vectors than the dimension of their span, at random."""
    draw = np.random.default_rng(seed)
    rank, vectors, dimensions = draw.integers(1, 4), draw.integers(1, 7), draw.integers(3, 7)
    return draw.normal(size=(vectors, rank)) @ draw.normal(size=(rank, dimensions))


@pytest.mark.parametrize("seed", range(40))
def test_rank_and_span_are_numpys(seed):
    A = dependent(seed)
    rank = np.linalg.matrix_rank(A)
    E = spaces.orthonormal_basis(A)
    assert spaces.rank(A) == len(E) == len(spaces.basis(A)) == rank
    assert np.linalg.matrix_rank(spaces.basis(A)) == rank
    np.testing.assert_allclose(E @ E.T, np.eye(rank), atol=1e-12)
    np.testing.assert_allclose(E.T @ E, np.linalg.pinv(A) @ A, atol=1e-9)  # the projection onto the span
    assert all(spaces.in_span(row, A) for row in np.random.default_rng(seed).normal(size=(3, len(A))) @ A)


@pytest.mark.parametrize("seed", range(20))
def test_a_projection_is_the_nearest_point(seed):
    draw = np.random.default_rng(seed)
    A, v = draw.normal(size=(2, 5)), draw.normal(size=5)
    found = spaces.project(v, spaces.orthonormal_basis(A))
    np.testing.assert_allclose(found, A.T @ np.linalg.lstsq(A.T, v, rcond=None)[0], atol=1e-10)
    np.testing.assert_allclose(A @ (v - found), 0, atol=1e-10)  # what is left over is at right angles
    assert not spaces.in_span(v, A)
    assert spaces.in_span(found, A)


@pytest.mark.parametrize("p", [1, 1.5, 2, 3, np.inf])
@pytest.mark.parametrize("seed", range(10))
def test_norms_are_numpys_and_keep_the_axioms(seed, p):
    draw = np.random.default_rng(seed)
    (a, b), factor = draw.normal(size=(2, 6)), draw.normal()
    assert spaces.norm(a, p) == pytest.approx(np.linalg.norm(a, p), rel=1e-12)
    assert spaces.norm(factor * a, p) == pytest.approx(abs(factor) * spaces.norm(a, p), rel=1e-12)
    assert spaces.norm(a + b, p) <= spaces.norm(a, p) + spaces.norm(b, p) + 1e-12
    assert spaces.norm(a, p) > 0 == spaces.norm(0 * a, p)


def test_norms_of_huge_and_tiny_numbers_neither_overflow_nor_vanish():
    assert spaces.norm([3e200, 4e200]) == pytest.approx(5e200)
    assert spaces.norm([3e-200, 4e-200]) == pytest.approx(5e-200)
    assert spaces.norm([np.inf, 1.0]) == np.inf


@pytest.mark.parametrize("seed", range(10))
def test_power_iteration_finds_the_eigenvalue_of_largest_size(seed):
    draw = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(draw.normal(size=(5, 5)))
    A = turn @ np.diag([-3.0, 2.0, 1.0, 0.5, 0.0]) @ turn.T
    eigenvalue, v = spaces.power_iteration(A, seed=seed)
    assert eigenvalue == pytest.approx(-3.0, rel=1e-10)
    np.testing.assert_allclose(np.abs(v @ turn[:, 0]), 1.0, rtol=1e-10)
    np.testing.assert_allclose(A @ v, eigenvalue * v, atol=1e-10)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="one size"):
        spaces.power_iteration([[0.0, 1.0], [-1.0, 0.0]])  # a quarter turn has no real direction
    with pytest.raises(ValueError, match="square"):
        spaces.power_iteration([[1.0, 2.0]])
    with pytest.raises(ValueError, match="at least 1"):
        spaces.norm([1.0], 0.5)


def test_zero_vectors_span_nothing():
    assert spaces.rank(np.zeros((3, 4))) == 0
    assert spaces.basis(np.zeros((2, 3))).shape == (0, 3)
    assert not spaces.in_span([1.0, 0.0], np.zeros((1, 2)))
    assert spaces.power_iteration(np.zeros((2, 2)))[0] == 0
