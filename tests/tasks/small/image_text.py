"""Squares and bars of three colours in one of four corners, each with a sentence that says so."""

import csv

import numpy as np
import pandas as pd
from PIL import Image

SIDE, COUNT = 12, 96
COLOURS = {"red": (210, 50, 50), "green": (50, 170, 80), "blue": (50, 80, 210)}
PLACES = {"above": 0, "below": 6}
SHAPES = {"square": (4, 4), "bar": (2, 9)}
OPTIONS = {"width": 4, "hidden_size": 8, "embed_dim": 8, "augment": "none", "batch_size": 16}
OTHERS = {"augment": ["nudge"], "image_size": [8], "pixel_range": ["0,200"], "val_fraction": [0.3],
          "max_rows": [60], "missing": ["a red bar lies above"]}  # fmt: skip


def picture(rng, colour, shape, place):
    pixels = rng.normal(235, 5, (SIDE, SIDE, 3))
    height, width = SHAPES[shape]
    y, x = PLACES[place] + rng.integers(0, 6 - height + 1), rng.integers(0, SIDE - width + 1)
    pixels[y : y + height, x : x + width] = COLOURS[colour]
    return pixels.clip(0, 255).astype(np.uint8)


def data(folder):
    rng, place, rows = np.random.default_rng(0), folder / "scenes", []
    place.mkdir()
    for i in range(COUNT):
        colour, shape, where = (str(rng.choice(list(values))) for values in (COLOURS, SHAPES, PLACES))
        Image.fromarray(picture(rng, colour, shape, where)).save(place / f"{i:03}.png")
        rows.append((f"{i:03}.png", f"a {colour} {shape} lies {where}"))
    pd.DataFrame(rows, columns=["file", "caption"]).to_csv(place / "captions.csv", index=False, quoting=csv.QUOTE_ALL)
    return place / "captions.csv"


def inputs(folder):
    return [str(path) for path in sorted((folder / "scenes").glob("00[0-5].png"))]


def perfect(outputs):
    """Each picture where its sentence is."""
    return outputs.extra["texts"]
