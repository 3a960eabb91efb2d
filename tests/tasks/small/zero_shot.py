"""Bars that differ in direction, shade and width, with a table that says so: eleven kinds, nine pictures of each."""

from itertools import product

import numpy as np
from PIL import Image

SIDE = 12
WIDTHS, SHADES, DIRECTIONS = {"thin": 2, "wide": 4}, {"dark": -60, "pale": 60, "white": 130}, ("flat", "steep")
KINDS = [*product(DIRECTIONS, SHADES, WIDTHS)][:11]
OPTIONS = {"width": 4, "augment": "none", "choosing": 1, "unseen": "2"}
OTHERS = {"augment": ["nudge"], "image_size": [8], "pixel_range": ["0,200"], "choosing": [2], "unseen": ["3"],
          "val_fraction": [0.3], "calibration": [1.5]}  # fmt: skip


def picture(rng, kind):
    direction, shade, width = kind
    pixels, place = rng.normal(90, 8, (SIDE, SIDE)), rng.integers(0, 8)
    y, x = np.mgrid[:SIDE, :SIDE]
    pixels[((y if direction == "flat" else x) - place) % 8 < WIDTHS[width]] += SHADES[shade]
    return pixels.clip(0, 255).astype(np.uint8)


def data(folder):
    rng, place = np.random.default_rng(0), folder / "bars"
    for kind in KINDS:
        (place / " ".join(kind)).mkdir(parents=True)
        for i in range(9):
            Image.fromarray(picture(rng, kind)).save(place / " ".join(kind) / f"{i:02}.png")
    rows = [",".join([" ".join(kind), *kind]) for kind in KINDS]
    (place / "descriptions.csv").write_text("\n".join(["class,direction,shade,width", *rows]))
    return place


def inputs(folder):
    return [str(path) for path in sorted((folder / "bars").rglob("0[12].png"))][:6]


def perfect(outputs):
    """All of the probability on the true class."""
    return np.eye(outputs.predictions.shape[1], dtype=np.float32)[outputs.targets]
