"""Lesson 6: the line with the least squares, by its equation."""

import numpy as np

from deepglass.course.judging.description import Description


def best_line(x, y):
    """Slope and height."""
    slope = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
    return slope, y.mean() - slope * x.mean()


def cases(rng):
    """An exact line, a scattered one, a level one, few points; then random ones away from the middle."""
    for x, y in (([0, 1, 2], [1, 3, 5]), ([1, 2, 3, 4], [2, 1, 4, 3]), ([-2, 0, 2], [4, 4, 4]), ([3, 5], [1, 2])):
        yield np.array(x, dtype=float), np.array(y, dtype=float)
    for count in (5, 30):
        x = rng.uniform(2, 25, count)
        yield x, 4 * x - 17 + rng.normal(0, 9, count)


EXERCISE = Description(
    name="best_line",
    task="Solve XᵀX·w = Xᵀy for one input. Give back the slope and the height, <code>w, b</code>.",
    stub="""
        def best_line(x, y):
            X = np.column_stack([x, np.ones_like(x)])
            # your lines here
            return 0.0, 0.0
    """,
    solution="""
        def best_line(x, y):
            X = np.column_stack([x, np.ones_like(x)])
            w, b = np.linalg.solve(X.T @ X, X.T @ y)
            return w, b
    """,
    hint="<code>np.linalg.solve(A, c)</code> finds the v with A·v = c. What are A and c here?",
    answer=best_line,
    cases=cases,
    gives="two numbers, `return w, b`",
    praise="It is the line of the engine, and of every textbook.",
    slips=(
        (lambda x, y: (x @ y / (x @ x), 0.0), "That is the best line through the origin: X wants a column of ones."),
        (lambda x, y: best_line(x, y)[::-1], "The slope comes first, then the height."),
        (lambda x, y: best_line(y, x), "That line says x from y: they are swapped."),
        (
            lambda x, y: (best_line(x, y)[0], y.mean()),
            "That is the height in the middle of the points; b is the height at x = 0.",
        ),
        (
            lambda x, y: ((y[-1] - y[0]) / (x[-1] - x[0]), y[0] - x[0] * (y[-1] - y[0]) / (x[-1] - x[0])),
            "That line goes through the first point and the last, and forgets the others.",
        ),
    ),
    right=(
        "def best_line(x, y):\n    return np.polyfit(x, y, 1)",
        """
        def best_line(x, y):
            X = np.stack([x, np.ones(len(x))], 1)
            return np.linalg.lstsq(X, y, rcond=None)[0].tolist()
        """,
        """
        def best_line(x, y):
            X = np.column_stack([x, np.ones_like(x)])
            return np.linalg.inv(X.T @ X) @ X.T @ y
        """,
        "def best_line(x, y):\n    w = np.cov(x, y)[0, 1] / x.var(ddof=1)\n    return w, np.mean(y) - w * np.mean(x)",
        """
        def best_line(x, y):
            X = torch.tensor(np.column_stack([x, np.ones_like(x)]))
            return torch.linalg.solve(X.T @ X, X.T @ torch.tensor(y))
        """,
        """
        from scipy.stats import linregress
        def best_line(x, y):
            fit = linregress(x, y)
            return fit.slope, fit.intercept
        """,
    ),
    wrong=(
        "def best_line(x, y):\n    return x @ y / (x @ x), 0.0",
        "def best_line(x, y):\n    return np.polyfit(x, y, 1)[::-1]",
        "def best_line(x, y):\n    return np.polyfit(y, x, 1)",
        "def best_line(x, y):\n    w = np.polyfit(x, y, 1)[0]\n    return w, y.mean()",
        "def best_line(x, y):\n    return np.polyfit(x, y, 1)[0]",
        "def best_line(x, y):\n    w = np.cov(x, y)[0, 1] / x.var()\n    return w, y.mean() - w * x.mean()",
    ),
)
