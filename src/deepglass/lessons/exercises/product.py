"""Lesson 2: the product of two matrices, number by number."""

import numpy as np

from deepglass.course.judging.description import Description

SAME = "This is the product itself. Write what it does: three loops, or rows times columns, added up."


def cases(rng):
    """Shapes that differ, one row by one column, one number; then random ones, square ones among them."""
    for A, B in (([[1, 2], [3, 4]], [[0, 1], [1, 1]]), ([[1, 2, 3]], [[4], [5], [6]]), ([[2], [1]], [[3, 0, 1]])):
        yield np.array(A, dtype=float), np.array(B, dtype=float)
    for n, k, m in ((1, 1, 1), (2, 3, 4), (4, 2, 3), (3, 3, 3)):
        yield rng.integers(-9, 10, (n, k)) / 2, rng.integers(-9, 10, (k, m)) / 2


def tell(A, B):
    """Both matrices as lists."""
    return f"For A = {A.tolist()} and B = {B.tolist()}"


EXERCISE = Description(
    name="product",
    task="Multiply two matrices <code>A</code> and <code>B</code> without <code>@</code> and without NumPy's own "
    "products (<code>matmul</code>, <code>dot</code>, <code>einsum</code> …): each number is a row of A with a column "
    "of B, multiplied pair by pair and added up.",
    stub="""
        def product(A, B):
            C = np.zeros((A.shape[0], B.shape[1]))
            # your lines here
            return C
    """,
    solution="""
        def product(A, B):
            C = np.zeros((A.shape[0], B.shape[1]))
            for i in range(A.shape[0]):
                for j in range(B.shape[1]):
                    C[i, j] = sum(A[i, k] * B[k, j] for k in range(A.shape[1]))
            return C
    """,
    hint="Three loops: the row i, the column j, and the k along which they meet.",
    answer=lambda A, B: A @ B,
    cases=cases,
    tell=tell,
    gives="a matrix with the rows of A by the columns of B",
    praise="NumPy does the same, some thousand times faster.",
    forbids=dict.fromkeys(
        (
            "@",
            "matmul",
            "dot",
            "einsum",
            "tensordot",
            "inner",
            "vdot",
            "multi_dot",
            "mm",
            "bmm",
            "__matmul__",
            "vecdot",
            "matrix",
            "asmatrix",
        ),
        SAME,
    ),
    slips=(
        (lambda A, B: B @ A, "That is B times A."),
        (lambda A, B: A * B, "That multiplies number by number; a row must meet a column."),
        (lambda A, B: A @ B.T, "Rows of A with rows of B: it is the columns of B that they should meet."),
        (lambda A, B: (A @ B).T, "Rows and columns of the outcome are swapped."),
    ),
    right=(
        "def product(A, B):\n    return (A[:, :, None] * B[None]).sum(axis=1)",
        "product = lambda A, B: [[sum(a * b for a, b in zip(row, column)) for column in zip(*B)] for row in A]",
        """
        def product(L, R):
            return np.array([[(L[i] * R[:, j]).sum() for j in range(R.shape[1])] for i in range(len(L))])
        """,
        """
        def product(A, B):
            C = np.zeros((A.shape[0], B.shape[1]), dtype=np.float32)
            for k in range(A.shape[1]):
                C += A[:, k:k + 1] * B[k:k + 1, :]
            return C
        """,
        """
        def product(A, B):
            return torch.tensor([[float((A[i] * B[:, j]).sum()) for j in range(B.shape[1])] for i in range(A.shape[0])])
        """,
    ),
    wrong=(
        "def product(A, B):\n    return A @ B",
        "def product(A, B):\n    return np.matmul(A, B)",
        "def product(A, B):\n    return A.dot(B)",
        "from numpy import einsum as e\ndef product(A, B):\n    return e('ik,kj->ij', A, B)",
        "def product(A, B):\n    return A * B",
        "def product(A, B):\n    return [[sum(B[k][j] for k in range(len(B))) for j in range(len(B[0]))] for _ in A]",
        "def product(A, B):\n    C = np.zeros((2, 2))\n    return C",
        "def product(A, B):\n    return (A[:, :, None] * B[None]).sum(axis=1).T",
    ),
)
