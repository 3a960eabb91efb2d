"""Which augmentations suit pictures when nobody asks.

Chosen on digits and fashion-mnist, where bench/quality.py measures them.
"""

import numpy as np

from deepglass.core.guesses import Guess
from deepglass.data.augment.mirror import mirror_test

TINY_SIDE = 16  # up to here a shift by an eighth is two pixels at most, and a turn adds more variety
PHOTO_SIDE = 64  # beyond, pictures are photographs: things come near and far, and light changes


def choose_augmentations(
    pixels: np.ndarray,
    labels: np.ndarray | None,
    classes: list[str] | None,
    follows: tuple[str, ...] | None = None,
) -> tuple[list[str], Guess]:
    """Augmentations that leave these pictures their answer.

    Args:
        pixels: (N, H, W, C) bytes of some training pictures.
        labels: (N,) their classes; None where the answer is not a class.
        classes: Names of the classes.
        follows: Augmentations with which the answer moves along; None where it does not lie in the picture.
    """
    may_flip, why = _mirrored(pixels, labels, classes, follows)
    side = max(pixels.shape[1:3])
    chosen = ["flip"] if may_flip else []
    chosen += ["zoom", "colour"] if side > PHOTO_SIDE else ["crop"]
    if side <= TINY_SIDE and not may_flip:
        chosen.append("rotate")
    chosen = [name for name in chosen if follows is None or name in follows]
    said = f"flip {'kept' if may_flip else 'left out'}: {why}"
    return chosen, Guess("augment", ", ".join(chosen) or "none", said, "--augment")


def _mirrored(
    pixels: np.ndarray, labels: np.ndarray | None, classes: list[str] | None, follows: tuple[str, ...] | None
) -> tuple[bool, str]:
    """Whether a mirrored picture keeps its answer: tried of classes, known of what moves along, doubted of all else."""
    if labels is not None and classes is not None:
        test = mirror_test(pixels, labels, classes)
        return test.keeps_class, test.why
    if follows is not None and "flip" in follows:
        return True, "the answer is mirrored too"
    return False, "the answer is not a class, and may depend on the side"
