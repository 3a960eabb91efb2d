import numpy as np

from deepglass.data.boxed_pictures import BoxedPictures
from deepglass.data.containers import Images

ANSWER = "boxes"
SIDE, THING = 16, 6  # pixels


def data() -> BoxedPictures:
    """A bright thing of one of two kinds in most pictures."""
    rng, count = np.random.default_rng(0), 48
    labels, places = rng.permutation([0, 1] * (count // 2)), rng.integers(0, SIDE - THING, (count, 2))
    pixels = rng.integers(0, 90, (count, SIDE, SIDE, 1))
    boxes = []
    for picture, (x, y), label in zip(pixels, places.tolist(), labels.tolist()):
        picture[y : y + THING, x : x + THING] += 70 + 60 * label
        boxes.append(np.array([[x, y, x + THING, y + THING]], np.float32))
    return BoxedPictures(
        "things", None, ["dim", "bright"], 1, pixels=pixels.astype(np.uint8), sizes=np.full((count, 2), SIDE),
        boxes=boxes, box_labels=[np.array([label]) for label in labels], states=[np.zeros(1, np.int64)] * count,
    )  # fmt: skip


def spoil(data: Images, rows: np.ndarray) -> None:
    data.pixels[rows] = 255
