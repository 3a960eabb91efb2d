"""Lesson 3: a slope measured from both sides."""

import math

import numpy as np

from deepglass.course.judging.description import Description

CURVES = {"sin": np.sin, "exp": np.exp, "the cube": lambda x: x**3}


def cases(rng):
    """Curves that bend, at places where one side would be seen; then random ones, also with a larger step."""
    for curve in CURVES.values():
        for x in (0.5, 2.0, -1.2):
            yield curve, x, 1e-3
    a, b = rng.uniform(0.5, 2, 2)
    yield (lambda x: math.exp(a * x)), float(rng.uniform(0.4, 1)), 1e-3
    yield (lambda x: b * x**4), float(rng.uniform(1, 2)), 0.02


def tell(f, x, h):
    """The curve by its name."""
    name = next((name for name, curve in CURVES.items() if curve is f), "a curve drawn at random")
    return f"The slope of {name} at {x:.4g}, with h = {h:g}"


def from_one_side(f, x, h):
    """To the right."""
    return (f(x + h) - f(x)) / h


EXERCISE = Description(
    name="slope",
    task="Measure the slope of <code>f</code> at <code>x</code> from both sides, with a step <code>h</code> each way.",
    stub="""
        def slope(f, x, h):
            # your line here
            return 0.0
    """,
    solution="""
        def slope(f, x, h):
            return (f(x + h) - f(x - h)) / (2 * h)
    """,
    hint="How much higher is f at x + h than at x − h? And how far apart are these two places?",
    answer=lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h),
    others=((lambda f, x, h: (8 * (f(x + h / 2) - f(x - h / 2)) - (f(x + h) - f(x - h))) / (6 * h), ""),),
    cases=cases,
    tell=tell,
    gives="a number",
    tolerance=2e-6,
    tolerance32=5e-5,
    praise="With these lines you could test our engine; our tests do it so.",
    slips=(
        (from_one_side, "That is from one side only: to the right."),
        (lambda f, x, h: (f(x) - f(x - h)) / h, "That is from one side only: to the left."),
        (lambda f, x, h: (f(x + h) - f(x - h)) / h, "From x − h to x + h it is 2·h."),
        (lambda f, x, h: (f(x - h) - f(x + h)) / (2 * h), "The sign: the height to the right comes first."),
        (lambda f, x, h: f(x + h) - f(x - h), "That is the rise. Divide by how far apart the two places are."),
        (lambda f, x, h: (f(x + h) - f(x - h)) / 2 * h, "Python divides by 2 and then multiplies by h: write (2 * h)."),
    ),
    right=(
        "def slope(g, place, step):\n    return float(g(place + step) - g(place - step)) / 2 / step",
        """
        def slope(f, x, h):
            right = (f(x + h) - f(x)) / h
            left = (f(x) - f(x - h)) / h
            return (left + right) / 2
        """,
        "def slope(f, x, h):\n    return np.float32((f(x + h) - f(x - h)) / (2 * h))",
        "def slope(f, x, h):\n    return np.array([(f(x + h) - f(x - h)) / (2 * h)])",
        "slope = lambda f, x, h: np.diff([f(x - h), f(x + h)]) / (2 * h)",
        "def slope(*, f, x, h):\n    return torch.tensor((f(x + h) - f(x - h)) / (2 * h))",
    ),
    wrong=(
        "def slope(f, x, h):\n    return (f(x + h) - f(x)) / h",
        "def slope(f, x, h):\n    return (f(x) - f(x - h)) / h",
        "def slope(f, x, h):\n    return (f(x + h) - f(x - h)) / h",
        "def slope(f, x, h):\n    return (f(x + h) - f(x - h)) / 2 * h",
        "def slope(f, x, h):\n    return (f(x - h) - f(x + h)) / (2 * h)",
        "def slope(f, x, h):\n    h = 1.0\n    return (f(x + h) - f(x - h)) / (2 * h)",
    ),
)
