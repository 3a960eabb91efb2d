"""Bars in the direction and the shade that their owner has: so many owners that some directions tell them apart."""

import numpy as np
from PIL import Image

SIDE, OWNERS, PICTURES = 12, 18, 7
OPTIONS = {"width": 4, "embed_dim": 4, "augment": "flip"}  # so that both sides are asked
OTHERS = {"augment": ["none"], "embed_dim": [6], "false_accepts": [0.2], "image_size": [8], "pixel_range": ["0,200"],
          "val_fraction": [0.4]}  # fmt: skip


def picture(rng, owner):
    pixels, place = rng.normal(80, 8, (SIDE, SIDE)), rng.integers(0, 8)
    direction, shade = divmod(owner, 3)
    y, x = np.mgrid[:SIDE, :SIDE]
    along = (x, y, x + y, x - y, 2 * x + y, x + 2 * y)[direction]
    pixels[(along - place) % 8 < 3] += (-60, 60, 130)[shade]
    return pixels.clip(0, 255).astype(np.uint8)


def data(folder):
    rng, place = np.random.default_rng(0), folder / "owners"
    for owner in range(OWNERS):
        (place / f"owner {owner}").mkdir(parents=True)
        for i in range(PICTURES):
            Image.fromarray(picture(rng, owner)).save(place / f"owner {owner}" / f"{i:02}.png")
    return place


def inputs(folder):
    return [str(path) for path in sorted((folder / "owners").rglob("0[12].png"))][:6]


def perfect(outputs):
    """Each identity at a corner of its own."""
    return np.eye(int(outputs.targets.max()) + 1)[outputs.targets]
