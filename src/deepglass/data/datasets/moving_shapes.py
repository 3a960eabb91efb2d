"""Moving shapes: 960 clips of five frames, 20 x 20 pixels in colour, each with a caption, generated.

"a red circle moves left": three shapes, four colours and four directions make 48 combinations with twenty clips each.
Of the test and of validation no combination is in training: who learns captions by heart fails there, and who learns
what the words stand for does not. A frame alone tells nothing of the direction: where a shape is at a time drawn at
random has the same distribution for all four.

References:
    Johnson et al. (2017), CLEVR: combinations that training has not seen, https://arxiv.org/abs/1612.06890
    Srivastava, Mansimov & Salakhutdinov (2015), Unsupervised Learning of Video Representations using LSTMs,
    https://arxiv.org/abs/1502.04681 (moving digits, a set of the same spirit)
"""

from itertools import product

import numpy as np
import pandas as pd

from deepglass.data.clips import Clips, stacked
from deepglass.data.containers import Layout
from deepglass.data.datasets.shapes_with_boxes import CLASSES as SHAPES
from deepglass.data.datasets.shapes_with_boxes import cover

LICENCE = "generated"
COLOURS = {"red": (220, 60, 50), "green": (60, 180, 75), "blue": (60, 110, 230), "yellow": (235, 205, 50)}
DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}  # pixels to the right and down
SPEEDS = (1, 2)  # pixels from frame to frame, of which nothing is said
FRAMES, SIDE, TIMES = 5, 20, 20
SIZES = (8, 10)  # least and largest side of a shape
ROOM = 1  # pixels by which the middle of a path may lie beside the middle of the picture
HELD_OUT = {  # places of shape, colour and direction
    "test": {(0, 0, 1), (0, 2, 3), (1, 1, 0), (1, 3, 2), (2, 2, 0), (2, 1, 2)},
    "val": {(0, 3, 0), (1, 0, 3), (2, 0, 2)},
}
WORDS = ("caption", "shape", "colour", "direction")


def load() -> Layout:
    """The clips (960, 20, 20, 5·3) with captions; always the same."""
    rng = np.random.default_rng(0)
    combinations = [*product(SHAPES, COLOURS, DIRECTIONS)]
    pixels = np.stack([stacked(clip(rng, *combination)) for combination in combinations for _ in range(TIMES)])
    said = [(caption(*combination), *combination) for combination in combinations for _ in range(TIMES)]
    frame, name, count = pd.DataFrame(said, columns=[*WORDS]), "moving-shapes", len(pixels)
    content = Clips(
        name,
        None,
        [],
        FRAMES * 3,
        pixels=pixels,
        splits=_splits(),
        licence=LICENCE,
        frame=frame,
        num_frames=FRAMES,
        lengths=np.full(count, FRAMES),
        usual_target="direction",
    )
    facts = {"clips": count, "frames in each": FRAMES}
    known = {"splits": content.splits, "licence": LICENCE, "content": content, "frame": frame}
    return Layout("captioned videos", name, "short videos with captions", facts, **known)


def caption(shape: str, colour: str, direction: str) -> str:
    """What is to be said of it."""
    return f"a {colour} {shape} moves {direction}"


def clip(rng: np.random.Generator, shape: str, colour: str, direction: str) -> np.ndarray:
    """(5, 20, 20, 3) bytes: one shape on its way, on a grey ground with a little noise."""
    size, along = int(rng.integers(SIZES[0], SIZES[1] + 1)), np.array(DIRECTIONS[direction]) * rng.choice(SPEEDS)
    middle = (SIDE - size) / 2 + rng.integers(-ROOM, ROOM + 1, 2)
    # Across its way it lies as far from the middle as it would be along it at a time drawn at random.
    middle += np.abs(along[::-1]) * (rng.integers(FRAMES) - (FRAMES - 1) / 2)
    ground = rng.integers(60, 140) + rng.normal(0, 5, (FRAMES, SIDE, SIDE, 3))
    paint = np.clip(np.array(COLOURS[colour]) + rng.normal(0, 8, 3), 0, 255)
    mask = np.asarray(cover(size, SHAPES.index(shape)), np.float64)[..., None] / 255
    for time, frame in enumerate(ground):
        place = middle + along * (time - (FRAMES - 1) / 2)
        x, y = np.clip(np.floor(place + 0.5), 0, SIDE - size).astype(int)
        frame[y : y + size, x : x + size] += mask * (paint - frame[y : y + size, x : x + size])
    return np.clip(ground.round(), 0, 255).astype(np.uint8)


def _splits() -> dict[str, np.ndarray]:
    """Whole combinations: of the test every direction, colour and shape, of validation every shape."""
    parts: dict[str, list[int]] = {"train": [], "val": [], "test": []}
    for place, (s, c, d) in enumerate(product(*(range(len(of)) for of in (SHAPES, COLOURS, DIRECTIONS)))):
        held = {split for split, those in HELD_OUT.items() if (s, c, d) in those} or {"train"}
        parts[held.pop()] += range(place * TIMES, (place + 1) * TIMES)
    return {name: np.array(rows) for name, rows in parts.items()}
