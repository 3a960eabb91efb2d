"""Drawn faces: 60 people who do not exist, ten pictures each, 32 x 32 pixels in grey, generated.

A person is nine numbers (how wide the head, how far apart the eyes, how long the nose, …). A picture is these and what
changes from picture to picture: the place of the head, the smile, light from one side, glasses that are on or off,
noise. A lesson and a test need identities, and nobody's picture is needed for that.

References:
    Chernoff (1973), The Use of Faces to Represent Points in k-Dimensional Space Graphically,
    https://doi.org/10.1080/01621459.1973.10482434
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from deepglass.data.containers import Images

LICENCE = "generated"
PEOPLE, PICTURES, SIDE = 60, 10, 32
FINE = 4  # drawn so many times larger, so that edges are smooth
TRAITS = {  # of a person, in shares of the side: least and most
    "head_width": (0.25, 0.38), "head_height": (0.34, 0.45), "eye_gap": (0.09, 0.19), "eye_height": (-0.13, 0.0),
    "eye_size": (0.025, 0.06), "brow_lift": (0.05, 0.11), "nose_length": (0.06, 0.18), "mouth_width": (0.07, 0.19),
    "hair": (0.03, 0.22),
}  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """What changes from picture to picture.

    x, y: Where the head is, off the middle. smile: -1 to 1. light: -1 from the left, 1 from the right. noise: Standard
    deviation in grey levels. Lengths are shares of the side.
    """

    x: float = 0.0
    y: float = 0.0
    smile: float = 0.3
    light: float = 0.0
    has_glasses: bool = False
    noise: float = 0.0


def load() -> Images:
    """The pictures (600, 32, 32, 1); always the same."""
    rng = np.random.default_rng(0)
    people = [person(rng) for _ in range(PEOPLE)]
    pixels = np.stack([drawn(one, moment(rng), rng) for one in people for _ in range(PICTURES)])
    names = [f"person {place + 1:02}" for place in range(PEOPLE)]
    labels = np.repeat(np.arange(PEOPLE, dtype=np.int64), PICTURES)
    return Images("drawn-faces", labels, names, 1, pixels=pixels, licence=LICENCE)


def person(rng: np.random.Generator) -> dict[str, float]:
    """Somebody new: a number for each of `TRAITS`."""
    return {name: float(rng.uniform(*ends)) for name, ends in TRAITS.items()}


def moment(rng: np.random.Generator) -> Moment:
    """A picture's circumstances."""
    x, y = rng.uniform(-0.06, 0.06, 2)
    smile, light = rng.uniform(-1, 1, 2)
    return Moment(float(x), float(y), float(smile), float(light), bool(rng.random() < 0.3), float(rng.uniform(4, 14)))


def drawn(one: dict[str, float], at: Moment, rng: np.random.Generator | None = None) -> np.ndarray:
    """The picture (32, 32, 1) of a person at a moment, as bytes.

    Args:
        one: As `person` gives it.
        at: What is not the person's own.
        rng: Of the noise; none is added without.
    """
    size = SIDE * FINE
    image = Image.new("L", (size, size), 95)
    pen = ImageDraw.Draw(image)
    x, y = 0.5 + at.x, 0.54 + at.y

    def box(left: float, top: float, right: float, bottom: float) -> list[float]:
        return [size * (x + left), size * (y + top), size * (x + right), size * (y + bottom)]

    width, height = one["head_width"], one["head_height"]
    pen.ellipse(box(-width, -height, width, height), fill=200)
    hairline = -height + one["hair"]
    pen.pieslice(box(-1.05 * width, -1.1 * height, 1.05 * width, 2 * hairline + 1.1 * height), 180, 360, fill=45)
    eyes, size_of_eye = one["eye_height"], one["eye_size"]
    for side in (-1, 1):
        middle = side * one["eye_gap"]
        pen.ellipse(box(middle - size_of_eye, eyes - size_of_eye, middle + size_of_eye, eyes + size_of_eye), fill=30)
        brow = eyes - one["brow_lift"]
        pen.line(box(middle - 0.05, brow, middle + 0.05, brow - 0.01 * side), fill=70, width=FINE)
        if at.has_glasses:
            pen.ellipse(box(middle - 0.085, eyes - 0.085, middle + 0.085, eyes + 0.085), outline=60, width=FINE)
    pen.line(box(0.0, eyes + 0.03, 0.02, eyes + 0.03 + one["nose_length"]), fill=130, width=FINE)
    mouth, curve = 0.55 * height, 0.05 * at.smile
    if abs(curve) < 0.01:
        pen.line(box(-one["mouth_width"], mouth, one["mouth_width"], mouth), fill=80, width=FINE)
    else:
        arc = box(-one["mouth_width"], mouth - abs(curve), one["mouth_width"], mouth + abs(curve))
        pen.arc(arc, *((0, 180) if curve > 0 else (180, 360)), fill=80, width=FINE)
    pixels = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float64)
    pixels *= 1 + 0.35 * at.light * np.linspace(-1, 1, SIDE)[None]
    pixels += 0.0 if rng is None else rng.normal(0, at.noise, pixels.shape)
    return pixels.clip(0, 255).astype(np.uint8)[..., None]
