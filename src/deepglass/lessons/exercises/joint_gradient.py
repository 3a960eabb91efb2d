"""Lesson 41: the gradient of a batch from those of its parts."""

import numpy as np

from deepglass.course.judging.description import Description


def joint_gradient(gradients, rows):
    """The mean, each counting as much as it has rows."""
    return np.average(np.asarray(gradients), axis=0, weights=rows)


def cases(rng):
    """Equal halves, unequal ones, a machine without rows, one alone; then random ones."""
    yield np.array([[1.0, 2.0], [3.0, 6.0]]), [32, 32]
    yield np.array([[1.0, 2.0], [4.0, -1.0]]), [3, 1]
    yield np.array([[5.0], [0.0], [1.0]]), [2, 0, 6]
    yield np.array([[0.5, -0.25, 7.0]]), [10]
    for machines in (3, 5):
        yield rng.normal(size=(machines, 4)), [int(n) for n in rng.integers(1, 9, machines)]


EXERCISE = Description(
    name="joint_gradient",
    task="Machine i has looked at <code>rows[i]</code> rows, and row i of <code>gradients</code> is the gradient of "
    "its mean loss. Give back the gradient of the mean loss over all rows together.",
    stub="""
        def joint_gradient(gradients, rows):
            # your lines here
            return gradients[0]
    """,
    solution="""
        def joint_gradient(gradients, rows):
            rows = np.array(rows)
            return (rows[:, None] * gradients).sum(axis=0) / rows.sum()
    """,
    hint="A mean times its number of rows is a sum. Add the sums, then divide by the number of all rows.",
    answer=joint_gradient,
    cases=cases,
    gives="one gradient, as long as a row of `gradients`",
    praise="Two halves, one whole, up to rounding.",
    slips=(
        (lambda g, n: np.mean(g, axis=0), "The plain mean is right for equal shares only: weight each by its rows."),
        (lambda g, n: np.sum(g, axis=0), "That is a sum: the step would grow with the number of machines."),
        (lambda g, n: np.array(n) @ g, "Those are sums over rows: divide by the number of all rows."),
        (lambda g, n: np.array(n) @ g / len(n), "Divide by the number of all rows, not of machines."),
    ),
    right=(
        "def joint_gradient(gradients, rows):\n    return np.array(rows) @ gradients / sum(rows)",
        """
        def joint_gradient(g, n):
            return [sum(n[i] * g[i][j] for i in range(len(n))) / sum(n) for j in range(len(g[0]))]
        """,
        """
        def joint_gradient(gradients, rows):
            share = torch.tensor(rows, dtype=torch.float64) / sum(rows)
            return (share[:, None] * torch.tensor(gradients)).sum(0)
        """,
    ),
    wrong=(
        "def joint_gradient(g, n):\n    return np.mean(g, axis=0)",
        "def joint_gradient(g, n):\n    return np.sum(g, axis=0)",
        "def joint_gradient(g, n):\n    return np.array(n) @ g",
        "def joint_gradient(g, n):\n    return np.array(n) @ g / len(n)",
        "def joint_gradient(g, n):\n    return g[np.argmax(n)]",
    ),
)
