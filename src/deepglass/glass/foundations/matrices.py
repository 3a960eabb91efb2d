"""Matrices by hand: transpose, dot product, product, inverse by elimination, determinant.

Every function takes and gives lists of rows, so that nothing is hidden in a library. What the numbers mean: a matrix is
a map between spaces, its columns are where the unit vectors go, a product is one map after the other, an inverse is the
way back. Elimination with pivoting: Golub and Van Loan (2013), Matrix Computations, 4th edition, sections 3.2 and 3.4.
"""

SINGULAR = 1e-12  # a pivot this small beside the largest entry is rounding, and not a number to divide by


def transpose(A):
    """Aᵀ: rows become columns, (Aᵀ)ᵢⱼ = Aⱼᵢ."""
    return [list(column) for column in zip(*A)]


def dot(a, b):
    """a·b = Σ aᵢ·bᵢ = |a|·|b|·cos of the angle between them.

    Raises:
        ValueError: If the lengths differ.
    """
    if len(a) != len(b):
        raise ValueError(f"dot: expected vectors of one length, got {len(a)} and {len(b)}")
    return sum(x * y for x, y in zip(a, b))


def matmul(A, B):
    """(A·B)ᵢⱼ = row i of A · column j of B.

    Raises:
        ValueError: If A has not as many columns as B has rows.
    """
    if len(A[0]) != len(B):
        raise ValueError(f"matmul: expected as many columns as rows, got {_size(A)} times {_size(B)}")
    columns = transpose(B)
    return [[dot(row, column) for column in columns] for row in A]


def identity(n):
    """I: ones on the diagonal; A·I = A."""
    return [[float(i == j) for j in range(n)] for i in range(n)]


def inverse(A):
    """A⁻¹, for which A·A⁻¹ = I, by Gauss-Jordan elimination.

    A and I stand side by side. Steps that turn the left half into I turn the right half into A⁻¹: two rows change
    places, a row is divided by a number, a multiple of one row is taken from another.

    Args:
        A: A square matrix.

    Raises:
        ValueError: If A is not square, or is singular: it flattens space, and nothing can undo that.

    Example:
        >>> inverse([[2.0, 0.0], [0.0, 4.0]])
        [[0.5, 0.0], [0.0, 0.25]]
    """
    n = _check_square("inverse", A)
    rows = [[float(x) for x in row] + unit for row, unit in zip(A, identity(n))]  # (n, 2n)
    for column in range(n):
        pivot = _pivot(rows, column)
        if abs(rows[pivot][column]) <= SINGULAR * _largest(A):
            raise ValueError(f"inverse: the matrix is singular, column {column} depends on those before it")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [x / rows[column][column] for x in rows[column]]
        for i in range(n):
            if i != column:
                rows[i] = _minus(rows[i], rows[i][column], rows[column])
    return [row[n:] for row in rows]


def determinant(A):
    """det A: by how much A enlarges a volume, negative if it also mirrors; 0 if and only if A is singular.

    Raises:
        ValueError: If A is not square.
    """
    n = _check_square("determinant", A)
    rows, product = [[float(x) for x in row] for row in A], 1.0
    for column in range(n):
        pivot = _pivot(rows, column)
        if rows[pivot][column] == 0:
            return 0.0
        if pivot != column:  # a change of places mirrors
            rows[column], rows[pivot], product = rows[pivot], rows[column], -product
        product *= rows[column][column]
        for i in range(column + 1, n):
            rows[i] = _minus(rows[i], rows[i][column] / rows[column][column], rows[column])
    return product


def _pivot(rows, column):
    """The row, at or below the diagonal, with the largest entry of a column: dividing by it loses the fewest digits."""
    return max(range(column, len(rows)), key=lambda i: abs(rows[i][column]))


def _minus(row, factor, other):
    return [x - factor * y for x, y in zip(row, other)]


def _largest(A):
    return max(abs(x) for row in A for x in row)


def _check_square(name, A):
    if any(len(row) != len(A) for row in A):
        raise ValueError(f"{name}: expected a square matrix, got {_size(A)}")
    return len(A)


def _size(A):
    return f"{len(A)} × {len(A[0])}"
