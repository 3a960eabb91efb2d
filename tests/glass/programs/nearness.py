"""Whether two arrays are the same but for rounding.

Values of float64 agree in seven digits, of float32 in four, infinities and nan exactly. Where they do not, PyTorch
itself is asked how sure it is: the program runs again with every input that is not a round number changed in its last
digits (equal numbers stay equal, so ties stay ties), and a difference counts unless PyTorch's own answer moves as far.
"""

import math

import numpy as np
import torch

RTOL = {"float64": 1e-7, "float32": 2e-4}
ATOL = {"float64": 1e-12, "float32": 2e-5}
SHAKE = {"float64": 1e-12, "float32": 1e-5}
SHAKES = 3
TINY = {"float64": 1e-100, "float32": 1e-25}  # what is left of a division by a number from `EXTREME`


def is_near(ours, theirs, accuracy, program, answer):
    """Whether all elements are near.

    Args:
        ours, theirs: Arrays of floats.
        accuracy: 'float64', or 'float32' if anything in the program is.
        program: Its text.
        answer: Gives PyTorch's array when called with another engine in its place, or None.
    """
    with np.errstate(all="ignore"):
        room = ATOL[accuracy] + RTOL[accuracy] * np.abs(theirs.astype(float))
        off = np.abs(ours.astype(float) - theirs)
        good = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs)) | ((off <= room) & np.isfinite(theirs))
        if "_norm(" in program:  # in which order infinities are added up, is PyTorch's own affair
            good |= ~np.isfinite(ours) & ~np.isfinite(theirs)
        if "conv" in program:  # and whether nan meets the zeros around the input
            good |= np.isnan(ours)
        if "interpolate(" in program:  # and whether a weight is 0, or 1e-17, where an infinite gradient comes back
            good |= ~np.isfinite(ours) & ~np.isfinite(theirs)
        if "%" in program or "remainder" in program:  # many at once, it divides first, and 1e200 / 1e-200 is infinite
            good |= np.isnan(theirs) & (np.abs(ours) < TINY[ours.dtype.name]) & (ours != 0)
        for seed in range(SHAKES):
            if good.all():
                return True
            moved = answer(Shaken(seed, SHAKE[accuracy]))
            if moved is None or moved.shape != theirs.shape:
                return False
            overflows = np.isfinite(moved) != np.isfinite(theirs)
            good |= (off <= np.abs(moved.astype(float) - theirs)) | overflows
    return bool(good.all())


class Shaken:
    """PyTorch, whose `tensor` changes the last digits of every number that has many."""

    def __init__(self, seed, size):
        self.seed, self.size = seed, size

    def __getattr__(self, name):
        return getattr(torch, name)

    def tensor(self, data, **options):
        return torch.tensor(self._moved(data), **options)

    def _moved(self, x):
        if isinstance(x, list):
            return [self._moved(item) for item in x]
        if not isinstance(x, float) or not math.isfinite(x) or (x * 4 == round(x * 4) and abs(x) < 1e6):
            return x
        return x * (1 + self.size * math.sin(1e3 * x + self.seed))
