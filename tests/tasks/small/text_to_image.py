"""Scenes of one or two things in a folder, with a table of captions beside them."""

import numpy as np
import pandas as pd
from PIL import Image

from deepglass.data.datasets.drawn_scenes import PAIRS, draw, drawn_from

COUNT = 60
OPTIONS = {"width": 8, "num_scales": 2, "embed_dim": 16, "num_heads": 2, "text_layers": 1}
OTHERS = {
    "caption_dropout": [0.0], "augment": ["crop"], "image_size": [20],
    "near_copies": ["apart"], "max_rows": [40], "missing": ["a yellow square"],
}  # fmt: skip


def data(folder):
    rng, place = np.random.default_rng(0), folder / "scenes"
    place.mkdir()
    scenes = [drawn_from(PAIRS, rng, alone=0.3) for _ in range(COUNT)]
    for number, scene in enumerate(scenes):
        Image.fromarray(draw(scene, rng)).save(place / f"{number:03}.png")
    files = [f"{number:03}.png" for number in range(COUNT)]
    table = pd.DataFrame({"file": files, "caption": [scene.caption for scene in scenes]})
    table.to_json(place / "captions.jsonl", orient="records", lines=True)
    return place
