"""Lesson 77: the numbers of a new person, from a few likings."""

import numpy as np

from deepglass.course.judging.description import Description


def fold_in(films, likings, penalty):
    """(m, K), (m,) → (K,)"""
    K = films.shape[1]
    return np.linalg.solve(films.T @ films + penalty * np.eye(K), films.T @ likings)


def cases(rng):
    """Two films at right angles, one film alone, none, then drawn ones."""
    yield np.eye(2), np.array([2.0, -1.0]), 1.0
    yield np.array([[1.0, 1.0]]), np.array([3.0]), 1.0
    yield np.zeros((0, 2)), np.zeros(0), 0.5
    for m, K in ((5, 2), (3, 4), (8, 3)):
        yield rng.normal(size=(m, K)), rng.normal(size=m), float(rng.uniform(0.1, 2))


def tell(films, likings, penalty):
    """Small ones in full."""
    if films.size > 4:
        return f"For {len(films)} random films with {films.shape[1]} numbers each, and penalty = {penalty:.2f}"
    return f"For films = {films.tolist()}, likings = {likings.tolist()}, penalty = {penalty}"


EXERCISE = Description(
    name="fold_in",
    task="Somebody new has rated a few films. <code>films</code> (m, K) holds the numbers of these films, "
    "<code>likings</code> (m,) what was said of them. Return the K numbers <code>p</code> of the person that make "
    "Σ (liking − p·film)² + penalty · |p|² smallest: <code>(FᵀF + penalty · I) p = Fᵀ likings</code>.",
    stub="""
        def fold_in(films, likings, penalty):
            K = films.shape[1]
            p = np.zeros(K)
            # your lines here
            return p
    """,
    solution="""
        def fold_in(films, likings, penalty):
            K = films.shape[1]
            A = films.T @ films + penalty * np.eye(K)
            return np.linalg.solve(A, films.T @ likings)
    """,
    hint="<code>np.linalg.solve(A, b)</code> solves A p = b; the identity is <code>np.eye(K)</code>.",
    answer=fold_in,
    cases=cases,
    tell=tell,
    gives="an array (K,)",
    praise="So a new person costs a small regression, and no training. With nothing said, p is zero.",
    slips=(
        (
            lambda films, likings, penalty: films.T @ likings,
            "That is Fᵀ likings, the right side alone: films that resemble each other are counted several times.",
        ),
        (
            lambda films, likings, penalty: (
                np.linalg.lstsq(films, likings, rcond=None)[0] if len(films) else np.zeros(films.shape[1])
            ),
            "That is without the penalty: from one film it is as sure as from a hundred.",
        ),
        (
            lambda films, likings, penalty: np.linalg.solve(
                films.T @ films + penalty**2 * np.eye(films.shape[1]), films.T @ likings
            ),
            "The penalty stands there as it is, and not squared.",
        ),
    ),
    right=(
        """
        def fold_in(films, likings, penalty):
            K = films.shape[1]
            return np.linalg.inv(films.T @ films + penalty * np.eye(K)) @ (films.T @ likings)
        """,
        """
        def fold_in(films, likings, penalty):
            K = films.shape[1]
            more = np.concatenate([films, np.sqrt(penalty) * np.eye(K)])
            said = np.concatenate([likings, np.zeros(K)])
            return np.linalg.lstsq(more, said, rcond=None)[0]
        """,
        """
        def fold_in(F, r, penalty):
            F, r = torch.tensor(F), torch.tensor(r)
            return torch.linalg.solve(F.T @ F + penalty * torch.eye(F.shape[1], dtype=F.dtype), F.T @ r)
        """,
    ),
    wrong=(
        "def fold_in(films, likings, penalty):\n    return films.mean(axis=0)",
        "def fold_in(films, likings, penalty):\n    return np.zeros(films.shape[1])",
        "def fold_in(films, likings, penalty):\n    return films.T @ likings / (1 + penalty)",
        "def fold_in(films, likings, penalty):\n    return likings",
    ),
)
