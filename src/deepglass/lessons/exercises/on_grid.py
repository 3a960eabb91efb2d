"""Lesson 40: weights on a grid of few bits."""

import numpy as np

from deepglass.course.judging.description import Description


def on_grid(w, bits):
    """The weights after rounding to the grid."""
    step = np.abs(w).max() / (2 ** (bits - 1) - 1)
    return step * np.rint(w / step)


def cases(rng):
    """A few by hand, the largest below zero, large ones; then random rows in several widths, away from ties."""
    yield np.array([0.7, -0.2, 0.05]), 4
    yield np.array([0.3, -1.5, 0.9, 0.1]), 3
    yield np.array([100.0, -37.0, 2.0]), 8
    yield np.array([0.011, -0.03, 0.02, 0.0]), 2
    for bits in (2, 5, 8):
        yield rng.normal(size=9), bits


def other(most=lambda bits: 2 ** (bits - 1) - 1, round_=np.rint, largest=lambda w: np.abs(w).max(), back=True):
    """A wrong answer that differs in one place."""

    def wrong(w, bits):
        step = largest(w) / most(bits)
        return (step if back else 1) * round_(w / step)

    return wrong


EXERCISE = Description(
    name="on_grid",
    task="Round the weights <code>w</code> to the grid of <code>bits</code> bits: the largest weight, whatever its "
    "sign, is number 2<sup>bits − 1</sup> − 1, zero is number 0, and the steps are equal. Give back the weights as "
    "they come back from the grid.",
    stub="""
        def on_grid(w, bits):
            # your lines here
            return w
    """,
    solution="""
        def on_grid(w, bits):
            step = np.abs(w).max() / (2 ** (bits - 1) - 1)
            return step * np.round(w / step)
    """,
    hint="First the length of a step: the largest size, divided by its number. Then w / step, rounded to whole "
    "numbers, and back.",
    answer=on_grid,
    cases=cases,
    gives="as many weights as came",
    praise="With eight bits, the whole numbers w / step are what lies in an int8 file.",
    slips=(
        (other(back=False), "Those are the numbers of the places; multiply with the step to come back to weights."),
        (other(most=lambda bits: 2**bits - 1), "The numbers go to both sides of zero: half as many to each."),
        (other(most=lambda bits: 2 ** (bits - 1)), "The largest number is one less: zero needs a place as well."),
        (other(round_=np.floor), "To the nearest place, not always down."),
        (other(round_=np.trunc), "To the nearest place, not always towards zero."),
        (other(largest=lambda w: w.max()), "The largest by size: a large negative weight counts as well."),
        (
            other(largest=lambda w: w.max() - w.min()),
            "From minus to plus the largest size, not from least to greatest.",
        ),
    ),
    right=(
        "def on_grid(w, bits):\n    n = 2 ** (bits - 1) - 1\n    s = max(abs(x) for x in w) / n\n"
        "    return [s * round(x / s) for x in w]",
        """
        def on_grid(weights, number_of_bits):
            most = (1 << number_of_bits - 1) - 1
            largest = max(weights.max(), -weights.min())
            return np.floor(weights / largest * most + 0.5) * largest / most
        """,
        """
        def on_grid(w, bits):
            w = torch.tensor(w)
            step = w.abs().max() / (2 ** (bits - 1) - 1)
            return torch.round(w / step) * step
        """,
        """
        def on_grid(w, bits):
            most = 2 ** (bits - 1) - 1
            places = np.arange(-most, most + 1) * np.abs(w).max() / most
            return places[np.abs(w[:, None] - places).argmin(axis=1)]
        """,
    ),
    wrong=(
        "def on_grid(w, bits):\n    return np.round(w, bits)",
        "def on_grid(w, bits):\n    s = np.abs(w).max() / 2 ** (bits - 1)\n    return s * np.round(w / s)",
        "def on_grid(w, bits):\n    s = np.abs(w).max() / (2 ** (bits - 1) - 1)\n    return np.round(w / s)",
        "def on_grid(w, bits):\n    s = w.max() / (2 ** (bits - 1) - 1)\n    return s * np.round(w / s)",
        "def on_grid(w, bits):\n    s = np.abs(w).max() / (2 ** (bits - 1) - 1)\n    return s * (w / s).astype(int)",
        "def on_grid(w, bits):\n    s = np.abs(w).max() / (2 ** bits - 1)\n    return s * np.round(w / s)",
    ),
)
