"""Lesson 24: the blame of max pooling goes to the largest."""

import numpy as np

from deepglass.course.judging.description import Description


def spread(g):
    """Each number of g over its window of 2 × 2."""
    return np.repeat(np.repeat(g, 2, 0), 2, 1)


def is_largest(x):
    """Where the largest of each window of 2 × 2 is."""
    H, W = x.shape
    return x == spread(x.reshape(H // 2, 2, W // 2, 2).max((1, 3)))


def pool_blame(x, g):
    """All of it to the largest of each window."""
    return np.where(is_largest(x), spread(g), 0.0)


def cases(rng):
    """One window, numbers below zero, two windows of different blame; then random ones, without equal numbers."""
    yield np.array([[1.0, 2.0], [4.0, 3.0]]), np.array([[5.0]])
    yield np.array([[-3.0, -1.0], [-2.0, -5.0]]), np.array([[2.0]])
    yield np.array([[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 9.0, 7.0]]), np.array([[1.0, -2.0]])
    for H, W in ((4, 4), (2, 6), (6, 4)):
        yield rng.permutation(H * W).reshape(H, W) / 2 - 5.0, rng.normal(size=(H // 2, W // 2))


EXERCISE = Description(
    name="pool_blame",
    task="The largest of each window of 2 × 2 of <code>x</code> was kept; for each the blame <code>g</code> arrives. "
    "What does every number of <code>x</code> receive? (No two numbers of a window are equal.)",
    stub="""
        def pool_blame(x, g):
            blame = np.zeros(x.shape)
            # your lines here
            return blame
    """,
    solution="""
        def pool_blame(x, g):
            blame = np.zeros(x.shape)
            for r in range(g.shape[0]):
                for c in range(g.shape[1]):
                    window = x[2 * r : 2 * r + 2, 2 * c : 2 * c + 2]
                    blame[2 * r : 2 * r + 2, 2 * c : 2 * c + 2] = g[r, c] * (window == window.max())
            return blame
    """,
    hint="A nudge of what is not the largest changes nothing. <code>window == window.max()</code> says which is.",
    answer=pool_blame,
    cases=cases,
    tell=lambda x, g: f"For x = {x.tolist()} and g = {g.tolist()}" if x.size <= 8 else f"For a table of {x.shape}",
    gives="a table of the size of x",
    praise="Three of four numbers receive nothing: the gradient of max pooling is sparse.",
    slips=(
        (lambda x, g: spread(g) / 4, "A quarter for each is average pooling's blame."),
        (lambda x, g: spread(g), "Only the largest receives it; a nudge of the others changes nothing."),
        (lambda x, g: np.where(is_largest(x), x, 0), "The largest receives the blame that arrives, not its own value."),
        (lambda x, g: np.where(is_largest(x), x * spread(g), 0), "The slope towards the largest is 1, not its value."),
        (lambda x, g: np.where(is_largest(x), 1.0, 0), "What arrives, g, is a factor."),
        (lambda x, g: np.where(is_largest(-x), spread(g), 0), "That is the smallest of each window."),
    ),
    right=(
        "def pool_blame(x, g):\n    big = np.kron(g, np.ones((2, 2)))\n    H, W = x.shape\n"
        "    best = np.kron(x.reshape(H // 2, 2, W // 2, 2).max((1, 3)), np.ones((2, 2)))\n    return big * (x "
        "== best)",
        """
        def pool_blame(x, g):
            t = torch.tensor(x, requires_grad=True)
            torch.nn.functional.max_pool2d(t[None, None], 2).backward(torch.tensor(g)[None, None])
            return t.grad
        """,
        """
        def pool_blame(x, g):
            out = [[0.0] * len(x[0]) for _ in x]
            for r in range(len(g)):
                for c in range(len(g[0])):
                    four = [(x[2 * r + i][2 * c + j], 2 * r + i, 2 * c + j) for i in (0, 1) for j in (0, 1)]
                    _, i, j = max(four)
                    out[i][j] = g[r][c]
            return out
        """,
    ),
    wrong=(
        "def pool_blame(x, g):\n    return np.kron(g, np.ones((2, 2))) / 4",
        "def pool_blame(x, g):\n    return np.kron(g, np.ones((2, 2)))",
        "def pool_blame(x, g):\n    return g",
        "def pool_blame(x, g):\n    return np.kron(g, [[1, 0], [0, 0]])",
        "def pool_blame(x, g):\n    return np.kron(g, np.ones((2, 2))) * (x == x.max())",
    ),
)
