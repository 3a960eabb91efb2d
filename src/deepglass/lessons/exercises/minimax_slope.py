"""Lesson 75: how much a caught forger learns in the minimax game."""

import numpy as np

from deepglass.course.judging.description import Description


def minimax_slope(verdicts):
    """The slope of −ln(1 + eᴰ) along each D: −σ(D)."""
    return -np.exp(-np.logaddexp(0, -verdicts))


def cases(rng):
    """Undecided, caught, deceived, very surely both; then drawn ones."""
    yield (np.array([0.0]),)
    yield (np.array([-5.0, 5.0]),)
    yield (np.array([-1000.0, 1000.0]),)
    for count in (5, 40):
        yield (rng.normal(0, 3, count),)


EXERCISE = Description(
    name="minimax_slope",
    task="<code>verdicts</code> are the detective's numbers D for forged points, one each. In the minimax game the "
    "forger's loss at each is −ln(1 + e<sup>D</sup>). Give back the slope of that loss along D, one number for each "
    "verdict. A verdict of −1000 or 1000 must not break it.",
    stub="""
        def minimax_slope(verdicts):
            # your lines here
            return verdicts
    """,
    solution="""
        def minimax_slope(verdicts):
            return -np.exp(-np.logaddexp(0, -verdicts))
    """,
    hint="The slope of ln(1 + eᴰ) is σ(D) = 1/(1 + e⁻ᴰ).",
    answer=minimax_slope,
    cases=cases,
    praise="Near 0 for a forgery that is seen through: caught, the forger learns nothing.",
    slips=(
        (lambda D: np.exp(-np.logaddexp(0, -D)), "The sign is turned: the loss falls as D rises."),
        (lambda D: -np.exp(-np.logaddexp(0, D)), "That is the slope of the non-saturating loss, steep where caught."),
        (lambda D: -np.logaddexp(0, D), "That is the loss; its slope is asked for."),
    ),
    right=(
        """
        def minimax_slope(D):
            return -0.5 * (1 + np.tanh(D / 2))
        """,
        """
        def minimax_slope(verdicts):
            return -torch.sigmoid(torch.tensor(verdicts))
        """,
        """
        def minimax_slope(verdicts):
            found = []
            for d in verdicts:
                found.append(-1 / (1 + math.exp(-d)) if d > 0 else -math.exp(d) / (1 + math.exp(d)))
            return np.array(found)
        """,
    ),
    wrong=(
        "def minimax_slope(verdicts):\n    return np.exp(-np.logaddexp(0, -verdicts))",
        "def minimax_slope(verdicts):\n    return -np.exp(-np.logaddexp(0, verdicts))",
        "def minimax_slope(verdicts):\n    return -np.logaddexp(0, verdicts)",
        "def minimax_slope(verdicts):\n    return -(verdicts > 0).astype(float)",
    ),
)
