"""What lesson 2 claims, by hand and against NumPy: products, inverses, rank and basis, lengths, and views of memory."""

import numpy as np
import pytest

from deepglass import glass
from tests.lessons.opened import opened
from tests.lessons.tried import tried

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def lesson():
    return opened("02_matrices").module


def of_rank(rank: int, rows: int, columns: int) -> np.ndarray:
    return RNG.standard_normal((rows, rank)) @ RNG.standard_normal((rank, columns))


@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 3, 4), (5, 1, 2), (6, 7, 3)])
def test_the_product_by_hand_is_numpys_and_the_engines(lesson, sizes):
    n, k, m = sizes
    A, B = RNG.standard_normal((n, k)), RNG.standard_normal((k, m))
    np.testing.assert_allclose(lesson.product(A, B), A @ B, atol=1e-10)
    np.testing.assert_allclose(glass.matmul(glass.tensor(A), glass.tensor(B)).numpy(), A @ B, atol=1e-10)
    np.testing.assert_allclose(lesson.product(A, B).T, lesson.product(B.T, A.T), atol=1e-10)


@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_the_inverse_by_hand_moves_everything_back(lesson, size):
    A = RNG.standard_normal((size, size))
    back = lesson.inverse(A)
    np.testing.assert_allclose(back, np.linalg.inv(A), atol=1e-10)
    np.testing.assert_allclose(lesson.product(A, back), np.eye(size), atol=1e-10)
    np.testing.assert_allclose(glass.linalg.inv(glass.tensor(A)).numpy(), back, atol=1e-10)


@pytest.mark.parametrize("A", [np.zeros((2, 2)), [[1, 2], [2, 4]], [[0.1, 0.2, 0.3], [1, 2, 3], [5, 1, 0]]])
def test_a_flat_matrix_has_no_inverse(lesson, A):
    with pytest.raises(ValueError, match="flat"):
        lesson.inverse(np.array(A))


@pytest.mark.parametrize(("rank", "rows", "columns"), [(0, 3, 2), (1, 4, 4), (2, 5, 3), (3, 3, 6), (4, 4, 4)])
def test_rank_and_basis_by_elimination_are_numpys(lesson, rank, rows, columns):
    A = of_rank(rank, rows, columns)
    _, _, basis = lesson.eliminate(A, np.eye(rows))
    assert len(basis) == np.linalg.matrix_rank(A) == rank
    if rank:  # these columns reach all others, with none to spare
        reached, *_ = np.linalg.lstsq(A[:, basis], A, rcond=None)
        np.testing.assert_allclose(A[:, basis] @ reached, A, atol=1e-9)
        assert np.linalg.matrix_rank(A[:, basis]) == len(basis)


@pytest.mark.parametrize("p", [1, 2, float("inf")])
def test_a_norm_does_what_a_length_must(p):
    def norm(x):
        return glass.linalg.vector_norm(glass.tensor(x), p).item()

    for _ in range(50):
        x, y, a = RNG.standard_normal(4), RNG.standard_normal(4), RNG.normal()
        assert norm(x) > 0
        assert norm(a * x) == pytest.approx(abs(a) * norm(x))
        assert norm(x + y) <= norm(x) + norm(y) + 1e-12
        assert norm(x) == pytest.approx(np.linalg.norm(x, p))
    assert norm(np.zeros(4)) == 0


def test_vectors_obey_the_axioms_of_a_space():
    for _ in range(50):
        x, y, z = (glass.tensor(RNG.standard_normal(3)) for _ in range(3))
        a, b = RNG.normal(size=2).tolist()
        for one, other in (
            (x + y, y + x),
            ((x + y) + z, x + (y + z)),
            (x + glass.zeros(3, dtype=glass.float64), x),
            (x + -x, 0 * x),
            (a * (x + y), a * x + a * y),
            ((a + b) * x, a * x + b * x),
            (a * (b * x), (a * b) * x),
            (1 * x, x),
        ):
            np.testing.assert_allclose(one.numpy(), other.numpy(), atol=1e-12)


VIEWS = {
    "slice": lambda x: x[1:, ::2],
    "transpose": lambda x: x.transpose(0, 1),
    "reshape": lambda x: x.reshape(-1, x.shape[0]),
    "column": lambda x: x[:, 1],
    "broadcast": None,
}


@pytest.mark.parametrize("name", VIEWS)
def test_walking_through_memory_is_what_a_view_shows(lesson, name):
    for _ in range(20):
        rows, columns = RNG.integers(2, 7, size=2).tolist()
        memory = RNG.standard_normal(rows * columns)
        if name == "broadcast":
            view = glass.tensor(memory).reshape(rows, columns)[:, :1].expand(rows, columns)
            expected = np.broadcast_to(memory.reshape(rows, columns)[:, :1], (rows, columns))
        else:
            view = VIEWS[name](glass.tensor(memory).reshape(rows, columns))
            expected = view.numpy().copy()
            by_numpy = {"transpose": lambda x: x.T}.get(name, VIEWS[name])(memory.reshape(rows, columns))
            np.testing.assert_array_equal(expected, by_numpy)
        start = int(np.flatnonzero(memory == expected.flat[0])[0])
        seen, _ = lesson.through(memory, view.shape, view.stride(), start)
        np.testing.assert_array_equal(seen, expected)


def test_order_counts(lesson):
    lean, turn = (np.array(lesson.MOVES[name]) for name in ("lean", "turn"))
    assert not np.allclose(turn @ lean, lean @ turn)


def test_the_flatter_the_matrix_the_larger_the_error_that_comes_back(lesson):
    def off(_, points, __, back):
        return np.linalg.norm(back - points, axis=0).max()

    errors = [off(*lesson.sent_back(degrees)) for degrees in (90, 30, 8, 2)]
    assert sorted(errors) == errors
    assert errors[-1] > 20 * errors[0]


def test_a_layers_bias_moves_the_middle_and_its_matrix_does_not():
    layer = glass.nn.Linear(2, 2).double()
    nothing = glass.zeros(1, 2, dtype=glass.float64)
    assert np.abs(layer(nothing).detach().numpy()).max() > 0
    np.testing.assert_allclose((layer(nothing) - layer.bias).detach().numpy(), 0)


def test_the_determinant_is_negative_where_the_plane_is_mirrored(lesson):
    signs = {name: np.linalg.det(np.array(matrix, dtype=float)) for name, matrix in lesson.MOVES.items()}
    assert signs["mirror"] < 0 < signs["turn"]
    assert signs["flatten"] == pytest.approx(0)


def test_the_norm_of_infinity_is_where_the_others_go():
    x = RNG.standard_normal(5)
    assert glass.linalg.vector_norm(glass.tensor(x), 200).item() == pytest.approx(np.abs(x).max(), rel=0.01)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A @ B", "This is the product itself"),
        ("np.einsum('ik,kj->ij', A, B)", "This is the product itself"),
        ("A[:1]", "rows of A by the columns of B"),
        ("(A[:, :, None] * B[None]).sum(1).T", "swapped"),
    ],
)
def test_a_wrong_product_is_told_what_is_wrong(line, said):
    assert said in tried("product", f"def product(A, B):\n    return {line}").message
