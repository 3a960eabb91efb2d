"""Pictures of stripes and discs, painted like waves."""

import numpy as np
from PIL import Image

from tests.tasks.small.super_resolution import scene

COUNT = 24
OPTIONS = {"width": 8, "num_blocks": 1, "batch_size": 4, "crop_size": 32, "learning_rate": 0.001, "style": "waves"}
OTHERS = {
    "style": ["tiles"], "style_weight": [50.0], "smoothness": [0.0], "augment": ["none", "flip"], "crop_size": [36],
    "image_size": [40], "near_copies": ["apart"], "max_rows": [20],
}  # fmt: skip


def data(folder, count=COUNT):
    rng, place = np.random.default_rng(0), folder / "photos"
    for i in range(count):
        path = place / "ab"[i % 2] / f"{i:03}.png"  # in folders of classes, which nobody learns
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.tile(scene(rng), (2, 2, 1))[:48, : 40 + 8 * (i % 2)]).save(path)
    return place


def inputs(folder):
    return [str(folder / "photos" / "ab"[i % 2] / f"{i:03}.png") for i in (1, 2, 3)]


def perfect(outputs):
    return outputs.targets
