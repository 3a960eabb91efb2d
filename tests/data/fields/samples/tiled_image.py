import numpy as np

from deepglass.data.containers import Images
from deepglass.data.masked_pictures import MaskedPictures

ANSWER = "mask"
SIDE, THING = 16, 6  # pixels


def data() -> MaskedPictures:
    """A thing of one of two kinds in every picture."""
    rng, count = np.random.default_rng(0), 48
    labels, places = rng.permutation([0, 1] * (count // 2)), rng.integers(0, SIDE - THING, (count, 2))
    pixels, masks = rng.integers(0, 90, (count, SIDE, SIDE, 1)), np.zeros((count, SIDE, SIDE), np.uint8)
    for picture, mask, (x, y), label in zip(pixels, masks, places.tolist(), labels.tolist()):
        picture[y : y + THING, x : x + THING] += 70 + 60 * label
        mask[y : y + THING, x : x + THING] = 1 + label
    counts = np.stack([np.bincount(mask.ravel(), minlength=3) for mask in masks])
    return MaskedPictures(
        "things", None, ["ground", "dim", "bright"], 1, pixels=pixels.astype(np.uint8),
        sizes=np.full((count, 2), SIDE), mask=lambda row: masks[row], counts=counts,
    )  # fmt: skip


def spoil(data: Images, rows: np.ndarray) -> None:
    data.pixels[rows] = 255
