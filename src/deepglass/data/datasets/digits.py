"""Digits: handwritten digits of 8 x 8 pixels, 1,797 pictures in ten classes.

References:
    Alpaydin and Kaynak (1998), Optical recognition of handwritten digits, https://doi.org/10.24432/C50P49
"""

from typing import Any

import numpy as np

from deepglass.data.containers import Images

LICENCE = "CC BY 4.0 (UCI Machine Learning Repository); comes with scikit-learn"
LEVELS = 16  # the original counts inked pixels in blocks of 4 x 4


def load() -> Images:
    """The pictures (1797, 8, 8, 1), their grey levels stretched from 0-16 to 0-255."""
    from sklearn.datasets import load_digits

    bundle: Any = load_digits()
    pixels = np.round(bundle.images * (255 / LEVELS)).astype(np.uint8)[..., None]  # (N, 8, 8, 1)
    classes = [str(name) for name in bundle.target_names]
    return Images("digits", bundle.target.astype(np.int64), classes, 1, pixels=pixels, licence=LICENCE)
