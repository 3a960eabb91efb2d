"""Lesson 1: the nearest neighbour, a learner that learns nothing."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from deepglass.course.judging.description import Description


def nearest(X, y, x):
    """The class of the row nearest to x."""
    return y[((X - x) ** 2).sum(axis=1).argmin()]


def cases(rng):
    """Three rows, whose classes are no numbers of rows; then tables of all sizes, away from ties."""
    X, y = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 3.0]]), np.array([7, 8, 9])
    for x in ([0.5, 0.2], [3.0, -1.0], [-1.0, 2.5]):
        yield X, y, np.array(x)
    yield np.array([[5.0, 5.0], [0.0, 1.0]]), np.array([1, 0]), np.array([-3.0, -2.0])  # far off, and below zero
    yield (
        np.array([[3.0, 0.0], [2.0, 2.0]]),
        np.array([4, 5]),
        np.zeros(2),
    )  # longer by the streets, nearer as one flies
    yield np.array([[3.0, 0.0], [2.2, 2.2]]), np.array([6, 2]), np.zeros(2)  # nearer, but not by its longer side
    for rows, columns in ((6, 3), (20, 5), (50, 64)):
        yield rng.normal(size=(rows, columns)), rng.permutation(100)[:rows], rng.normal(size=columns)


def tell(X, y, x):
    """The case by its nearest row."""
    if len(X) > 3:
        return f"For {len(X)} random rows of {X.shape[1]} numbers"
    row = int(((X - x) ** 2).sum(axis=1).argmin())
    return f"For {x.tolist()} the nearest row is {X[row].tolist()}, of class {y[row]}"


def on_digits(nearest):
    """How often it is right about 200 unseen digits."""
    scikit_learn = find_spec("sklearn")  # whose import takes longer than all the rest
    folder = Path(scikit_learn.origin if scikit_learn and scikit_learn.origin else "").parent
    table = np.loadtxt(folder / "datasets/data/digits.csv.gz", delimiter=",")
    X, y = table[:, :-1], table[:, -1].astype(int)
    order = np.random.default_rng(0).permutation(len(X))
    asked, taught = order[:200], order[len(X) // 3 :]
    right = np.mean([int(np.ravel(nearest(X[taught], y[taught], X[i]))[0]) == y[i] for i in asked])
    return f"On 200 unseen digits your lines are right {right:.1%} of the time. They learned nothing at all."


EXERCISE = Description(
    name="nearest",
    task="A learner that learns nothing: answer with the class of the example nearest to <code>x</code>, as the crow "
    "flies. The rows of <code>X</code> are the examples, <code>y</code> their classes.",
    stub="""
        def nearest(X, y, x):
            # your lines here
            return None
    """,
    solution="""
        def nearest(X, y, x):
            distances = ((X - x) ** 2).sum(axis=1)
            return y[distances.argmin()]
    """,
    hint="X − x takes x from each row. Square, add up along each row, and find where the sum is smallest.",
    answer=nearest,
    cases=cases,
    tell=tell,
    gives="one class, such as `y[2]`",
    after=on_digits,
    slips=(
        (lambda X, y, x: y[((X - x) ** 2).sum(axis=1).argmax()], "That is the farthest row."),
        (lambda X, y, x: ((X - x) ** 2).sum(axis=1).argmin(), "That is the number of the row; look its class up in y."),
        (lambda X, y, x: y[(X - x).sum(axis=1).argmin()], "Differences of both signs cancel: square them first."),
        (
            lambda X, y, x: y[np.abs(X - x).sum(axis=1).argmin()],
            "That is the distance along the streets: square, not |…|.",
        ),
        (
            lambda X, y, x: y[np.abs(X - x).max(axis=1).argmin()],
            "That is the longer of the two sides: square, and add up.",
        ),
        (lambda X, y, x: y[(X @ x).argmax()], "A large product is not a small distance: a long row always wins."),
    ),
    right=(
        "def nearest(X, y, x):\n    return y[np.argmin(np.linalg.norm(X - x, axis=1))]",
        "nearest = lambda rows, names, point: names[int(np.argmin([math.dist(row, point) for row in rows]))]",
        """
        def nearest(examples, classes, new):
            best = None
            for row, kind in zip(examples.tolist(), classes.tolist()):
                far = sum((a - b) ** 2 for a, b in zip(row, new))
                if best is None or far < best[0]:
                    best = (far, kind)
            return best[1]
        """,
        """
        def nearest(X, y, x):
            d = torch.cdist(torch.tensor(X), torch.tensor(x)[None])
            return torch.tensor(y)[d.argmin()]
        """,
        "def nearest(X, y, x):\n    return y[(X**2).sum(1) - 2 * X @ x == ((X**2).sum(1) - 2 * X @ x).min()]",
    ),
    wrong=(
        "def nearest(X, y, x):\n    return ((X - x) ** 2).sum(1).argmin()",
        "def nearest(X, y, x):\n    return y[((X - x) ** 2).sum(1).argmax()]",
        "def nearest(X, y, x):\n    return y[np.abs(X - x).sum(1).argmin()]",
        "def nearest(X, y, x):\n    return y[(X - x).sum(1).argmin()]",
        "def nearest(X, y, x):\n    return y",
        "def nearest(X, y, x):\n    return y[0]",
        "def nearest(X, y, x):\n    return y[np.abs(X - x).max(1).argmin()]",
        "def nearest(X, y, x):\n    return y[(X @ x / np.linalg.norm(X, axis=1)).argmax()]",
    ),
)
