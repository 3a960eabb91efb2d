"""Characters that are drawn for the tests: twelve of them, eight times each, and twelve pixels small."""

import numpy as np
from PIL import Image

from deepglass.data.datasets import drawn_characters

SIDE, CHARACTERS, TIMES = 12, 12, 8
OPTIONS = {"width": 4, "embed_dim": 8, "augment": "none", "ways": 3, "training_ways": 4, "queries": 2, "episodes": 12}
OTHERS = {"augment": ["nudge"], "embed_dim": [6], "image_size": [8], "pixel_range": ["0,200"], "val_fraction": [0.45],
          "shots": [2], "queries": [3], "ways": [2], "training_ways": [3], "episodes": [6]}  # fmt: skip


def data(folder):
    rng, place = np.random.default_rng(0), folder / "characters"
    for name in range(CHARACTERS):
        (place / f"sign {name}").mkdir(parents=True)
        strokes = drawn_characters.character(rng)
        for i in range(TIMES):
            picture = Image.fromarray(drawn_characters.written(strokes, rng)[..., 0])
            picture.resize((SIDE, SIDE), Image.Resampling.BOX).save(place / f"sign {name}" / f"{i:02}.png")
    return place


def inputs(folder):
    return [str(path) for path in sorted((folder / "characters").rglob("0[12].png"))][:6]


def perfect(outputs):
    """Each class at a corner of its own."""
    return np.eye(int(outputs.targets.max()) + 1)[outputs.targets]
