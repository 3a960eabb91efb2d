"""Lesson 26: the blame that a residual block sends back."""

import numpy as np

from deepglass.course.judging.description import Description


def past_the_block(g, W, s):
    """For y = s·x + W·x: s·g + Wᵀ·g."""
    return s * g + W.T @ g


def cases(rng):
    """A block that adds nothing, one whose matrix has a direction, half of a shortcut, none; then random ones."""
    yield np.array([1.0, -2.0]), np.zeros((2, 2)), 1.0
    yield np.array([1.0, 3.0]), np.array([[0.0, 2.0], [0.0, 0.0]]), 1.0
    yield np.array([2.0, 4.0]), np.eye(2), 0.5
    yield np.array([1.0, -1.0]), np.array([[1.0, 2.0], [3.0, 4.0]]), 0.0
    for width in (3, 5):
        yield rng.normal(size=width), rng.normal(size=(width, width)), float(rng.uniform(0.2, 1.5))


def tell(g, W, s):
    """Small ones in full."""
    if len(g) > 2:
        return f"For random blame of {len(g)} numbers and s = {s:.3g}"
    return f"For g = {g.tolist()}, W = {W.tolist()} and s = {s:g}"


EXERCISE = Description(
    name="past_the_block",
    task="A block computes <code>y = s * x + W @ x</code>. The blame <code>g</code> = ∂L/∂y arrives. What does "
    "<code>x</code> receive? It is the matrix turned, <code>W.T</code>, that carries blame back.",
    stub="""
        def past_the_block(g, W, s):
            # your line here
            return g
    """,
    solution="""
        def past_the_block(g, W, s):
            return s * g + W.T @ g
    """,
    hint="x feeds two ways, the shortcut and the layer. Where ways meet, blame adds up.",
    answer=past_the_block,
    cases=cases,
    tell=tell,
    gives="as many numbers as g has",
    praise="With s = 1 all of the blame comes along the shortcut, and the share of W is added to it.",
    slips=(
        (lambda g, W, s: W.T @ g, "The share that comes back along the shortcut is missing."),
        (lambda g, W, s: s * g, "The share that comes back through W is missing."),
        (lambda g, W, s: s * g + W @ g, "On the way back the matrix is turned: W.T."),
        (lambda g, W, s: g + W.T @ g, "The shortcut was multiplied by s, and so is its blame."),
        (lambda g, W, s: s * (g + W.T @ g), "s belongs to the shortcut alone."),
        (lambda g, W, s: s * g * (W.T @ g), "Two ways that meet add up; products belong along one way."),
    ),
    right=(
        "def past_the_block(g, W, s):\n    return (s * np.eye(len(g)) + W).T @ g",
        "def past_the_block(arriving, layer, scale):\n    return scale * arriving + arriving @ layer",
        """
        def past_the_block(g, W, s):
            x = torch.zeros(len(g), dtype=torch.float64, requires_grad=True)
            (s * x + torch.tensor(W) @ x).backward(torch.tensor(g))
            return x.grad
        """,
        "def past_the_block(g, W, s):\n    n = len(g)\n"
        "    return [s * g[j] + sum(W[i][j] * g[i] for i in range(n)) for j in range(n)]",
    ),
    wrong=(
        "def past_the_block(g, W, s):\n    return W.T @ g",
        "def past_the_block(g, W, s):\n    return s * g",
        "def past_the_block(g, W, s):\n    return s * g + W @ g",
        "def past_the_block(g, W, s):\n    return g + W.T @ g",
        "def past_the_block(g, W, s):\n    return s * (g + W.T @ g)",
    ),
)
