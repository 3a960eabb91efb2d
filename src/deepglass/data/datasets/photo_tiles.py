"""Photo tiles: 30 pieces of two photographs in colour, 128 x 128 pixels, to learn to paint and enlarge from.

The photographs come with scikit-learn: a flower and a temple. Pieces do not overlap; which photograph a piece is of is
its class.

References:
    danielbuechele (2011), china.jpg, https://www.flickr.com/photos/danielbuechele/6061409035; vultilion (2011),
    flower.jpg, https://www.flickr.com/photos/vultilion/6056698931; both CC BY 2.0
"""

import numpy as np

from deepglass.data.containers import Images

LICENCE = "CC BY 2.0"
CLASSES = ["flower", "temple"]
FILES = ("flower.jpg", "china.jpg")
SIDE = 128


def load() -> Images:
    """The pieces (30, 128, 128, 3), row by row, the flower's first."""
    from sklearn.datasets import load_sample_image

    found = [pieces(load_sample_image(name)) for name in FILES]
    labels = np.repeat(np.arange(len(found)), [len(part) for part in found])
    return Images("photo-tiles", labels, list(CLASSES), 3, pixels=np.concatenate(found), licence=LICENCE)


def pieces(photograph: np.ndarray) -> np.ndarray:
    """(n, 128, 128, 3) all squares of a picture (H, W, 3) that fit beside each other."""
    rows, columns = (size // SIDE for size in photograph.shape[:2])
    whole = photograph[: rows * SIDE, : columns * SIDE].reshape(rows, SIDE, columns, SIDE, 3)
    return whole.swapaxes(1, 2).reshape(-1, SIDE, SIDE, 3)
