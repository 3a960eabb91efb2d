"""Bright squares and bars on dark ground, with boxes in Pascal VOC XML."""

import numpy as np
from PIL import Image

from deepglass.core.detections import padded

SIDE, COUNT = 32, 100
OPTIONS = {"width": 8, "batch_size": 4, "augment": "flip", "min_score": 0.1}  # so that two epochs find something
OTHERS = {"augment": ["none"], "image_size": [48], "min_score": [0.9], "max_rows": [55]}


def thing(rng):
    """A class and its box."""
    name, (width, height) = [("square", (12, 12)), ("bar", (22, 6))][rng.integers(2)]
    x0, y0 = rng.integers(0, SIDE - width), rng.integers(0, SIDE - height)
    return name, (int(x0), int(y0), int(x0) + width, int(y0) + height)


def write(folder, i, rng):
    pixels = rng.normal(40, 5, (SIDE, SIDE, 3))
    objects = ""
    for name, (x0, y0, x1, y1) in [thing(rng)] if i % 10 else []:
        pixels[y0:y1, x0:x1] += 170
        corners = f"<xmin>{x0}</xmin><ymin>{y0}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax>"
        objects += f"<object><name>{name}</name><bndbox>{corners}</bndbox></object>"
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{i:03}.png")
    (folder / f"{i:03}.xml").write_text(f"<annotation><filename>{i:03}.png</filename>{objects}</annotation>")


def data(folder):
    rng, place = np.random.default_rng(0), folder / "things"
    place.mkdir()
    for i in range(COUNT):
        write(place, i, rng)
    return place


def inputs(folder):
    return [str(folder / "things" / f"{i:03}.png") for i in (1, 2, 3)]


def perfect(outputs):
    truth = [rows[rows[:, 5] == 0] for rows in outputs.targets]
    return padded([np.column_stack([rows[:, :4], np.ones(len(rows)), rows[:, 4]]) for rows in truth])
