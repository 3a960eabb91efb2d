"""Lesson 65: a place from 0 to 1 as a learning rate, by its logarithm."""

import math

from deepglass.course.judging.description import Description


def log_point(place, low, high):
    """low · (high / low)^place."""
    return low * (high / low) ** place


def cases(rng):
    """The middle, both ends, a third; then drawn ones."""
    yield from ((0.5, 0.01, 1.0), (0.0, 1e-4, 0.1), (1.0, 1e-4, 0.1), (1 / 3, 1e-4, 0.1), (0.25, 2.0, 32.0))
    for _ in range(3):
        yield round(float(rng.random()), 3), float(10.0 ** -rng.integers(2, 6)), round(float(rng.uniform(0.1, 5)), 2)


EXERCISE = Description(
    name="log_point",
    task="Random search draws a <code>place</code> evenly from 0 to 1. Make a learning rate of it: 0 is "
    "<code>low</code>, 1 is <code>high</code>, and equal steps multiply the rate by equal factors.",
    stub="""
        def log_point(place, low, high):
            # your lines here
            return low + place * (high - low)
    """,
    solution="""
        def log_point(place, low, high):
            return math.exp(math.log(low) + place * (math.log(high) - math.log(low)))
    """,
    hint="Go evenly between the logarithms, and then back.",
    answer=log_point,
    cases=cases,
    tell=lambda place, low, high: f"For place {place:.3g} from {low:g} to {high:g}",
    gives="one number",
    praise="Halfway between 0.01 and 1 is 0.1. Drawn evenly, nine in ten would lie above it.",
    slips=(
        (
            lambda place, low, high: low + place * (high - low),
            "That goes evenly through the rates: nine in ten lie in the largest power of ten.",
        ),
        (
            lambda place, low, high: math.log(low) + place * math.log(high / low),
            "That is the logarithm of the rate: go back with exp.",
        ),
        (lambda place, low, high: high * (low / high) ** place, "Place 0 should be low, and place 1 high."),
    ),
    right=(
        "def log_point(place, low, high):\n    return low * (high / low) ** place",
        "def log_point(place, low, high):\n    return low ** (1 - place) * high**place",
        "def log_point(place, low, high):\n    return 10 ** (np.log10(low) + place * np.log10(high / low))",
        "log_point = lambda place, low, high: float(torch.exp(torch.lerp("
        "torch.tensor(low, dtype=torch.float64).log(), torch.tensor(high, dtype=torch.float64).log(), place)))",
    ),
    wrong=(
        "def log_point(place, low, high):\n    return low + place * (high - low)",
        "def log_point(place, low, high):\n    return math.log(low) + place * math.log(high / low)",
        "def log_point(place, low, high):\n    return high * (low / high) ** place",
        "def log_point(place, low, high):\n    return 10 ** (math.log(low) + place * math.log(high / low))",
        "def log_point(place, low, high):\n    return low * (high - low) ** place",
    ),
)
