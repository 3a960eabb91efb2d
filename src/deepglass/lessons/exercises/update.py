"""Lesson 5: the perceptron's rule."""

import numpy as np

from deepglass.course.judging.description import Description


def update(w, b, x, y):
    """Move the line if it is wrong about the point, or undecided."""
    return (w + y * x, b + y) if y * (w @ x + b) <= 0 else (w, b)


def cases(rng):
    """A wrong blue point, a wrong orange one, a right one, and two on the line; then random ones of both kinds."""
    for w, b, x, y in (
        ([0.0, -0.4], -0.2, [1.0, 2.0], 1),
        ([0.0, 0.4], 0.5, [0.5, -1.0], -1),
        ([0.2, 0.2], 0.1, [-1.0, -1.0], -1),
        ([0.0, 0.0], 0.0, [0.5, -0.25], 1),
        ([1.0, -1.0], 0.5, [0.25, 0.75], -1),
    ):
        yield np.array(w), b, np.array(x), y
    for y in (1, -1, 1, -1, 1, -1):
        yield rng.normal(size=2), float(rng.normal()), rng.normal(size=2), y


def tell(w, b, x, y):
    """The case with what the line says."""
    sign = y * (w @ x + b)
    line = "wrong" if sign < 0 else "undecided, the point lies on it" if sign == 0 else "right"
    place, weights = np.round(x, 3).tolist(), np.round(w, 3).tolist()
    return f"For the point {place} with y = {y}, w = {weights}, b = {b:.3g} (the line is {line})"


EXERCISE = Description(
    name="update",
    task="Write the rule. <code>y</code> is 1 or −1; if the line <code>w·x + b = 0</code> is wrong about the point "
    "<code>x</code> (or undecided), move it; give back the new <code>w</code> and <code>b</code>.",
    stub="""
        def update(w, b, x, y):
            # your lines here
            return w, b
    """,
    solution="""
        def update(w, b, x, y):
            if y * (w @ x + b) <= 0:
                w = w + y * x
                b = b + y
            return w, b
    """,
    hint="The sum and <code>y</code> have the same sign exactly when the line is right: look at their product.",
    answer=update,
    cases=cases,
    tell=tell,
    gives="both, `return w, b`",
    praise="This is all there is to learning, in 1958.",
    slips=(
        (lambda w, b, x, y: (w + y * x, b + y), "A perceptron moves only when it is wrong."),
        (
            lambda w, b, x, y: update(w, b, x, y) if w @ x + b else (w, b),
            "On the line it is undecided, and moves too: ≤, not <.",
        ),
        (
            lambda w, b, x, y: (w - y * x, b - y) if y * (w @ x + b) <= 0 else (w, b),
            "That is away from a blue point: the sign.",
        ),
        (lambda w, b, x, y: (update(w, b, x, y)[0], b), "The bias moves too, by y: its input is always 1."),
        (
            lambda w, b, x, y: (w + x, b + 1) if y * (w @ x + b) <= 0 else (w, b),
            "For an orange point (y = −1) it moves the other way.",
        ),
    ),
    right=(
        """
        def update(w, b, x, y):
            if np.sign(w @ x + b) != y:
                w += y * x
                b += y
            return w, b
        """,
        """
        def update(weights, bias, point, side):
            total = bias
            for weight, value in zip(weights, point):
                total += weight * value
            if total * side > 0:
                return weights, bias
            return [weight + side * value for weight, value in zip(weights, point)], bias + side
        """,
        "def update(w, b, x, y):\n    wrong = y * (np.dot(w, x) + b) <= 0\n    return w + wrong * y * x, b + wrong * y",
        """
        def update(w, b, x, y):
            w, x = torch.tensor(w), torch.tensor(x)
            if y * (w @ x + b) <= 0:
                w, b = w + y * x, torch.tensor(b + y)
            return [w, b]
        """,
    ),
    wrong=(
        "def update(w, b, x, y):\n    if y * (w @ x + b) < 0:\n        w, b = w + y * x, b + y\n    return w, b",
        "def update(w, b, x, y):\n    return w + y * x, b + y",
        "def update(w, b, x, y):\n    if y * (w @ x + b) <= 0:\n        w = w + y * x\n    return w, b",
        "def update(w, b, x, y):\n    if y * (w @ x + b) <= 0:\n        w, b = w - y * x, b - y\n    return w, b",
        "def update(w, b, x, y):\n    if w @ x + b <= 0:\n        w, b = w + y * x, b + y\n    return w, b",
        "def update(w, b, x, y):\n    if y * (w @ x) <= 0:\n        w, b = w + y * x, b + y\n    return w, b",
        "def update(w, b, x, y):\n    if y * (w @ x + b) <= 0:\n        return w + y * x\n    return w",
    ),
)
