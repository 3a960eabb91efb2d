"""Matrices by hand, held against NumPy."""

import numpy as np
import pytest

from deepglass.glass.foundations import matrices


@pytest.mark.parametrize("seed", range(20))
def test_products_are_numpys(seed):
    draw = np.random.default_rng(seed)
    n, k, m = draw.integers(1, 7, 3)
    A, B = draw.normal(size=(n, k)), draw.normal(size=(k, m))
    assert np.abs(np.array(matrices.matmul(A.tolist(), B.tolist())) - A @ B).max() < 1e-12
    assert matrices.transpose(A.tolist()) == A.T.tolist()
    assert matrices.dot(A[0].tolist(), B[:, 0].tolist()) == pytest.approx(A[0] @ B[:, 0], abs=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 20])
def test_the_inverse_is_numpys_and_undoes(n):
    A = np.random.default_rng(n).normal(size=(n, n)) + 2 * np.eye(n)
    ours = np.array(matrices.inverse(A.tolist()))
    assert np.abs(ours - np.linalg.inv(A)).max() < 1e-10
    assert np.abs(np.array(matrices.matmul(A.tolist(), ours.tolist())) - np.eye(n)).max() < 1e-10
    assert matrices.determinant(A.tolist()) == pytest.approx(np.linalg.det(A), rel=1e-10)


def test_a_zero_on_the_diagonal_only_needs_another_row():
    A = [[0.0, 2.0], [3.0, 0.0]]
    assert matrices.inverse(A) == [[0.0, 1 / 3], [0.5, 0.0]]
    assert matrices.determinant(A) == -6


def test_small_and_large_numbers_are_not_singular_for_their_size():
    for scale in (1e-200, 1e-9, 1e9, 1e200):
        ours = np.array(matrices.inverse([[2 * scale, 0.0], [scale, scale]]))
        np.testing.assert_allclose(ours * scale, [[0.5, 0.0], [-0.5, 1.0]])


@pytest.mark.parametrize("A", [
    [[1.0, 2.0], [2.0, 4.0]], [[0.0]], [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1.0, 1.0], [1.0, 1.0]],
    [[0.1, 0.3], [0.2, 0.6]], [[0.0, 0.0], [0.0, 5.0]],
])  # fmt: skip
def test_a_singular_matrix_is_refused(A):
    with pytest.raises(ValueError, match="singular"):
        matrices.inverse(A)
    assert matrices.determinant(A) == pytest.approx(0, abs=1e-12)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="1 × 2 times 3 × 1"):
        matrices.matmul([[1, 2]], [[1], [2], [3]])
    for function in (matrices.inverse, matrices.determinant):
        with pytest.raises(ValueError, match="square"):
            function([[1.0, 2.0]])
    with pytest.raises(ValueError, match="one length"):
        matrices.dot([1, 2], [1])


def test_the_inputs_are_left_alone():
    A = [[0.0, 1.0], [1.0, 1.0]]
    matrices.inverse(A)
    matrices.determinant(A)
    assert A == [[0.0, 1.0], [1.0, 1.0]]
