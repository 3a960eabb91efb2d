"""Lesson 59: one step of the power iteration."""

import numpy as np

from deepglass.course.judging.description import Description


def power_step(X, w):
    """Σ (x·w) x over the rows x of X, made as long as 1."""
    pulled = X.T @ (X @ w)
    return pulled / np.linalg.norm(pulled)


def cases(rng):
    """Two rows that can be done by hand, a w that is not of length 1, a step that turns far; then drawn ones."""
    yield np.array([[2.0, 0.0], [0.0, 1.0]]), np.array([0.6, 0.8])
    yield np.array([[1.0, 1.0], [1.0, -1.0], [3.0, 3.0]]), np.array([2.0, 0.0])
    yield np.array([[1.0, 5.0], [-1.0, -4.0]]), np.array([1.0, 0.0])
    for rows, columns in ((8, 3), (30, 6)):
        yield rng.normal(size=(rows, columns)) * rng.uniform(0.5, 3, columns), rng.normal(size=columns)


def tell(X, w):
    """Small ones in full."""
    if len(X) > 3:
        return f"For {len(X)} random rows of {X.shape[1]} numbers"
    return f"For X = {X.tolist()}, w = {w.tolist()}"


def unit(v):
    """As long as 1."""
    return v / np.linalg.norm(v)


EXERCISE = Description(
    name="power_step",
    task="The rows of <code>X</code> lie around 0; <code>w</code> is a direction. Every row x pulls w along itself by "
    "x·w. Add up all the pulls, (x·w) x, and give the sum back made as long as 1.",
    stub="""
        def power_step(X, w):
            # your lines here
            return w
    """,
    solution="""
        def power_step(X, w):
            pulled = X.T @ (X @ w)
            return pulled / np.linalg.norm(pulled)
    """,
    hint="<code>X @ w</code> holds x·w for every row. Multiply each row by its own, and add up the rows.",
    answer=power_step,
    cases=cases,
    tell=tell,
    gives="as many numbers as w has",
    praise="Ten of these, and w points along the largest spread.",
    slips=(
        (lambda X, w: X.T @ (X @ w), "The direction is right; it still has to be made as long as 1."),
        (lambda X, w: unit(X.sum(0)), "Every row pulls by as much as it lies along w: x·w is missing."),
        (
            lambda X, w: unit(X.T @ np.abs(X @ w)),
            "A row on the other side pulls to the other side: keep the sign.",
        ),
        (lambda X, w: unit(w + X.T @ (X @ w)), "The pulls alone: w itself is not added."),
        (lambda X, w: unit(X.T @ np.sign(X @ w)), "Not only the side counts, but also how far a row lies along w."),
        (lambda X, w: unit(w), "w has to be pulled first."),
    ),
    right=(
        """
        def power_step(X, w):
            v = sum((x @ w) * x for x in X)
            return v / (v @ v) ** 0.5
        """,
        """
        def power_step(X, w):
            X, w = torch.tensor(X), torch.tensor(w)
            return torch.nn.functional.normalize(X.T @ (X @ w), dim=0)
        """,
        """
        def power_step(X, w):
            v = np.cov(X.T, bias=True) @ w + np.outer(X.mean(0), X.mean(0)) @ w
            return v / np.sqrt(np.sum(v ** 2))
        """,
        """
        def power_step(rows, w):
            total = [0.0] * len(w)
            for row in rows:
                along = sum(a * b for a, b in zip(row, w))
                total = [t + along * r for t, r in zip(total, row)]
            length = math.sqrt(sum(t * t for t in total))
            return [t / length for t in total]
        """,
    ),
    wrong=(
        "def power_step(X, w):\n    return X.T @ (X @ w)",
        "def power_step(X, w):\n    return w / np.linalg.norm(w)",
        "def power_step(X, w):\n    v = X.T @ (X @ w)\n    return v / v.sum()",
        "def power_step(X, w):\n    v = X.T @ np.abs(X @ w)\n    return v / np.linalg.norm(v)",
        "def power_step(X, w):\n    v = X.sum(0)\n    return v / np.linalg.norm(v)",
        "def power_step(X, w):\n    v = X.T @ (X @ w)\n    return v / np.abs(v).max()",
    ),
)
