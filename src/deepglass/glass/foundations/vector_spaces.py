"""Vector spaces: span, basis, rank, projection, norms, and the direction that a matrix stretches most.

Vectors are the rows of an array (n_vectors, n_dimensions). Axler (2024), Linear Algebra Done Right, 4th edition,
https://linear.axler.net, chapters 2 and 6; power iteration: von Mises and Pollaczek-Geiringer (1929).
"""

import itertools

import numpy as np

TOLERANCE = 1e-10  # of the longest vector: what is left over by rounding, and not a direction of its own


def orthonormal_basis(vectors):
    """A basis of the span: vectors of length 1, at right angles, whose sums make up the same space (Gram-Schmidt).

    From each vector is taken what the basis can say already; what is left over, if anything, is a new direction. That
    is done twice, since the first time leaves rounding behind.

    Args:
        vectors: Shape (n_vectors, n_dimensions).

    Returns:
        Array (rank, n_dimensions).
    """
    vectors = np.asarray(vectors, dtype=float)
    basis, longest = np.zeros((0, vectors.shape[1])), max(map(norm, vectors), default=0.0)
    for v in vectors:
        rest = v - project(v, basis)
        rest = rest - project(rest, basis)
        if norm(rest) > TOLERANCE * longest:
            basis = np.vstack([basis, rest / norm(rest)])
    return basis


def rank(vectors):
    """dim span: how many of the vectors are not made up of the others."""
    return len(orthonormal_basis(vectors))


def basis(vectors):
    """Those of the vectors, in their order, that are not made up of the ones before: a basis of the span."""
    vectors = np.asarray(vectors, dtype=float)
    ranks = [0, *(rank(vectors[: n + 1]) for n in range(len(vectors)))]
    return vectors[[after > before for before, after in itertools.pairwise(ranks)]]


def in_span(v, vectors):
    """Whether v is a sum of multiples of the vectors: it adds no direction."""
    return rank([*vectors, v]) == rank(vectors)


def project(v, basis):
    """Σ (v·e)·e over an orthonormal basis (rank, n_dimensions): the point of its span that is nearest to v."""
    return (basis @ v) @ basis


def norm(v, p=2):
    """‖v‖ₚ = (Σ |vᵢ|ᵖ)^(1/p): a length. p = 2 is the ruler's, p = 1 a taxi's; p = ∞ counts the largest entry.

    Raises:
        ValueError: If p < 1, where the detour would be shorter than the straight way.
    """
    if p < 1:
        raise ValueError(f"norm: expected p of at least 1, got {p}: smaller ones break the triangle inequality")
    sizes = np.abs(np.asarray(v, dtype=float))
    top = sizes.max(initial=0.0)
    if p == np.inf or top in (0, np.inf):
        return float(top)
    return float(top * ((sizes / top) ** p).sum() ** (1 / p))  # divided first, so that no power overflows


def power_iteration(A, steps=1000, tolerance=1e-12, seed=0):
    """The eigenvector of the eigenvalue λ largest in size: v ← A·v / ‖A·v‖, again and again.

    Written in A's eigenvectors, every step multiplies each part by its eigenvalue: the largest wins, by |λ₂/λ₁| a step.

    Args:
        A: A square matrix with one eigenvalue that is larger in size than all others; a symmetric one has only real
            eigenvalues.
        steps: How many at most.
        tolerance: Stop when A·v and λ·v are that near, beside |λ|.
        seed: Of the random vector to begin with.

    Returns:
        (λ, v), with ‖v‖ = 1.

    Raises:
        ValueError: If A is not square, or it does not settle: two eigenvalues are of one size, or nearly.
    """
    A = np.asarray(A, dtype=float)
    if A.ndim != 2 or A.shape[0] != A.shape[1]:
        raise ValueError(f"power_iteration: expected a square matrix, got shape {A.shape}")
    v = np.random.default_rng(seed).normal(size=len(A))
    for _ in range(steps):
        v = v / norm(v)
        image = A @ v
        eigenvalue = v @ image
        if norm(image - eigenvalue * v) <= tolerance * max(abs(eigenvalue), np.finfo(float).tiny):
            return float(eigenvalue), v
        v = image
    raise ValueError(f"power_iteration: no direction settled in {steps} steps: are two eigenvalues of one size?")
