"""Lesson 83: the Gram matrix."""

import numpy as np

from deepglass.course.judging.description import Description


def gram_matrix(maps):
    """(C, H, W) → (C, C)"""
    rows = maps.reshape(len(maps), -1)
    return rows @ rows.T / rows.shape[1]


def cases(rng):
    """Two maps of two places, then drawn ones."""
    yield (np.array([[[1.0, 2.0]], [[0.0, 3.0]]]),)
    yield (np.array([[[1.0, 0.0], [2.0, 1.0]], [[2.0, 1.0], [0.0, 1.0]]]),)
    for shape in ((3, 4, 5), (2, 1, 7), (1, 3, 3)):
        yield (rng.normal(size=shape),)


def tell(maps):
    """Small ones in full."""
    return f"For maps = {maps.tolist()}" if maps.size <= 8 else f"For random maps of shape {maps.shape}"


EXERCISE = Description(
    name="gram_matrix",
    task="<code>maps</code> has the shape (C, H, W): C maps of H·W places. Give the Gram matrix (C, C): at row i and "
    "column j the mean over all places of map i times map j.",
    stub="""
        def gram_matrix(maps):
            C, H, W = maps.shape
            # your lines here
            return np.zeros((C, C))
    """,
    solution="""
        def gram_matrix(maps):
            C, H, W = maps.shape
            rows = maps.reshape(C, H * W)
            return rows @ rows.T / (H * W)
    """,
    hint="Lay each map out as a row of H·W numbers; then it is one product of matrices, divided by the places.",
    answer=gram_matrix,
    cases=cases,
    tell=tell,
    gives="an array (C, C)",
    praise="No place is left in it: shuffle the places of all maps alike, and it stays the same.",
    slips=(
        (
            lambda maps: maps.reshape(len(maps), -1) @ maps.reshape(len(maps), -1).T,
            "That is the sum over the places; divide by their number, or a larger picture has more style.",
        ),
        (
            lambda maps: np.outer(maps.mean(axis=(1, 2)), maps.mean(axis=(1, 2))),
            "Those are products of means. Multiply place by place first, and take the mean of the products.",
        ),
        (
            lambda maps: np.cov(maps.reshape(len(maps), -1), bias=True).reshape(len(maps), len(maps)),
            "The covariance subtracts the mean of each map first; here nothing is subtracted.",
        ),
    ),
    right=(
        """
        def gram_matrix(maps):
            return np.einsum("ihw,jhw->ij", maps, maps) / maps[0].size
        """,
        """
        def gram_matrix(maps):
            C = len(maps)
            found = np.zeros((C, C))
            for i in range(C):
                for j in range(C):
                    found[i, j] = (maps[i] * maps[j]).mean()
            return found
        """,
        """
        def gram_matrix(maps):
            rows = torch.tensor(maps).flatten(1)
            return (rows[:, None] * rows[None]).mean(-1)
        """,
    ),
    wrong=(
        "def gram_matrix(maps):\n    return maps.mean(axis=0)",
        "def gram_matrix(maps):\n    return np.eye(len(maps))",
        "def gram_matrix(maps):\n    rows = maps.reshape(len(maps), -1)\n    return rows.T @ rows / len(maps)",
        "def gram_matrix(maps):\n    return np.zeros((len(maps), len(maps)))",
    ),
)
