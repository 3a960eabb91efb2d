"""Lesson 26: a residual block."""

import numpy as np

from deepglass.course.judging.description import Description


def relu(z):
    """What is above zero."""
    return np.maximum(z, 0)


def residual(x, W1, W2):
    """relu(x + W₂·relu(W₁·x))"""
    return relu(x + W2 @ relu(W1 @ x))


def cases(rng):
    """Nothing to add, something, a sum below zero, a narrow middle; then random ones."""
    yield np.array([1.0, 2.0]), np.zeros((2, 2)), np.zeros((2, 2))
    yield np.array([1.0, -2.0]), np.eye(2), np.array([[1.0, 0.0], [3.0, 1.0]])
    yield np.array([0.5, 1.0]), np.eye(2), -3 * np.eye(2)
    yield np.array([-1.0, 2.0, 0.5]), np.array([[1.0, -1.0, 2.0]]), np.array([[2.0], [-1.0], [0.5]])
    for width, inner in ((4, 4), (6, 3), (3, 8)):
        yield rng.normal(size=width), rng.normal(size=(inner, width)), rng.normal(size=(width, inner))


def tell(x, W1, W2):
    """Small ones in full."""
    if len(x) > 3:
        return f"For a random x of {len(x)} numbers"
    return f"For x = {x.tolist()}, W1 = {W1.tolist()}, W2 = {W2.tolist()}"


EXERCISE = Description(
    name="residual",
    task="A residual block. Its <code>f</code> is two layers: multiply <code>x</code> with <code>W1</code>, bend with "
    "relu, multiply with <code>W2</code>. Add what came in, and bend the sum.",
    stub="""
        def residual(x, W1, W2):
            # your lines here
            return x
    """,
    solution="""
        def residual(x, W1, W2):
            f = W2 @ np.maximum(W1 @ x, 0)
            return np.maximum(x + f, 0)
    """,
    hint="First f, then x + f, then once more relu. relu(z) is <code>np.maximum(z, 0)</code>.",
    answer=residual,
    cases=cases,
    tell=tell,
    gives="as many numbers as x has",
    praise="With W2 all zeros it passes on what it gets, if that is above zero: doing nothing is easy now.",
    slips=(
        (lambda x, W1, W2: relu(W2 @ relu(W1 @ x)), "That is the plain block: what came in is not added."),
        (lambda x, W1, W2: x + W2 @ relu(W1 @ x), "The sum is right; it still wants its relu."),
        (lambda x, W1, W2: x + relu(W2 @ relu(W1 @ x)), "Add first, then bend: relu of the sum."),
        (lambda x, W1, W2: relu(x + W2 @ (W1 @ x)), "Between the two layers there is a relu."),
        (lambda x, W1, W2: relu(relu(x) + W2 @ relu(W1 @ x)), "It is x itself that is added, not relu(x)."),
        (lambda x, W1, W2: relu(x * (W2 @ relu(W1 @ x))), "Add x; multiplying with it would be a gate."),
    ),
    right=(
        "def residual(x, W1, W2):\n    return (x + W2 @ (W1 @ x).clip(0)).clip(0)",
        "relu = lambda z: z * (z > 0)\ndef residual(x, first, second):\n    return relu(relu(x @ first.T) @ "
        "second.T + x)",
        """
        def residual(x, W1, W2):
            inner = [max(0, sum(w * v for w, v in zip(row, x))) for row in W1]
            return [max(0, v + sum(w * h for w, h in zip(row, inner))) for v, row in zip(x, W2)]
        """,
        """
        def residual(x, W1, W2):
            x, W1, W2 = map(torch.tensor, (x, W1, W2))
            return torch.relu(x + W2 @ torch.relu(W1 @ x))
        """,
    ),
    wrong=(
        "def residual(x, W1, W2):\n    return np.maximum(W2 @ np.maximum(W1 @ x, 0), 0)",
        "def residual(x, W1, W2):\n    return x + W2 @ np.maximum(W1 @ x, 0)",
        "def residual(x, W1, W2):\n    return x + np.maximum(W2 @ np.maximum(W1 @ x, 0), 0)",
        "def residual(x, W1, W2):\n    return np.maximum(x + W2 @ W1 @ x, 0)",
        "def residual(x, W1, W2):\n    return np.maximum(x, 0)",
        "def residual(x, W1, W2):\n    return np.maximum(x, W2 @ np.maximum(W1 @ x, 0))",
    ),
)
