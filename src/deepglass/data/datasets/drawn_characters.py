"""Drawn characters: 75 signs of an alphabet that nobody writes, twelve times each, 28 x 28 pixels in grey, generated.

A character is two to four strokes, each a smooth curve through three places of a grid. Writing it again moves every
place a little, and the whole is slanted, enlarged and shifted as hands do. One example of a character is enough for a
person to know it again; a lesson and a test ask whether it can be enough for a network.

References:
    Lake, Salakhutdinov & Tenenbaum (2015), Human-level concept learning through probabilistic program induction,
    https://doi.org/10.1126/science.aab3050 (Omniglot: 1,623 characters of 50 alphabets, twenty drawers each)
"""

import numpy as np
from PIL import Image, ImageDraw

from deepglass.data.containers import Images

LICENCE = "generated"
CHARACTERS, TIMES, SIDE = 75, 12, 28
FINE = 4  # drawn so many times larger, so that edges are smooth
GRID = np.linspace(0.2, 0.8, 4)  # where strokes begin, bend and end, in shares of the side
TREMBLE, SLANT, SCALE, SHIFT = 0.028, 0.16, 0.1, 0.05  # of a hand
PAPER, INK = 245, 25
CURVE = np.linspace(0, 1, 16)[:, None]  # along a stroke


def load() -> Images:
    """The pictures (900, 28, 28, 1), dark on light; always the same."""
    rng = np.random.default_rng(0)
    signs = [character(rng) for _ in range(CHARACTERS)]
    pixels = np.stack([written(sign, rng) for sign in signs for _ in range(TIMES)])
    names = [f"character {place + 1:02}" for place in range(CHARACTERS)]
    labels = np.repeat(np.arange(CHARACTERS, dtype=np.int64), TIMES)
    return Images("drawn-characters", labels, names, 1, pixels=pixels, licence=LICENCE)


def character(rng: np.random.Generator) -> np.ndarray:
    """A new one: strokes (n, 3, 2), of each where it begins, where it heads for, and where it ends."""
    strokes = rng.choice(GRID, (int(rng.integers(2, 5)), 3, 2))
    while np.linalg.norm(strokes[:, 2] - strokes[:, 0], axis=1).min() < 0.25:  # a dot is no stroke
        strokes = rng.choice(GRID, strokes.shape)
    return strokes


def written(strokes: np.ndarray, rng: np.random.Generator, tremble: float = TREMBLE) -> np.ndarray:
    """The picture (28, 28, 1) of a character, written once, as bytes.

    Args:
        strokes: As `character` gives them.
        rng: Of the hand; the next draw is written differently.
        tremble: Standard deviation of every place, as a share of the side.
    """
    places = strokes + rng.normal(0, tremble, strokes.shape) - 0.5
    slant, (wide, high) = rng.normal(0, SLANT), 1 + rng.normal(0, SCALE, 2)
    places = places @ np.array([[wide, 0.0], [slant, high]]) + 0.5 + rng.normal(0, SHIFT, 2)
    size = SIDE * FINE
    image = Image.new("L", (size, size), PAPER)
    pen = ImageDraw.Draw(image)
    for begin, towards, end in places:
        line = (1 - CURVE) ** 2 * begin + 2 * CURVE * (1 - CURVE) * towards + CURVE**2 * end  # (16, 2)
        pen.line([tuple(place) for place in size * line], fill=INK, width=2 * FINE, joint="curve")
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX))[..., None].copy()
