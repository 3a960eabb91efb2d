"""Drawn scenes: 4,800 pictures of 16 x 16 pixels in colour, one or two things on paper, each with a caption; generated.

    a red circle                     one thing: a colour and a shape
    a red circle left of a blue square    two things, and how the first lies to the second

A thing is one of 12, four colours times three shapes, so there are 66 pairs of different things. Of these 13 lie
together in the test alone: whoever paints "a red circle left of a blue square" has seen red circles, blue squares and
"left of", and never these two in one picture. Beside the captions lie colours, shapes and the relation as columns.

References:
    Johnson et al. (2017), CLEVR: generated scenes of simple shapes, https://arxiv.org/abs/1612.06890
    Lake & Baroni (2018), Generalization without Systematicity, https://arxiv.org/abs/1711.00350 (pairs kept back)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from deepglass.data.containers import Images, Layout

LICENCE = "generated"
COLOURS = {"red": (214, 48, 49), "green": (38, 166, 91), "blue": (41, 98, 214), "yellow": (246, 190, 30)}
SHAPES = ("circle", "square", "triangle")
OPPOSITE = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
RELATIONS = tuple(OPPOSITE)
PAPER = (247, 245, 240)
SIDE = 16
SIZES = (5, 6, 7)  # pixels of a side of a thing
GAP = 1  # blank pixels between two things, at least
ASIDE = 2  # pixels by which two things may miss standing level, or one below the other
FADE = 10.0  # by how much the colour of a thing swings, in levels of 255
FINE = 8  # drawn so many times larger, so that edges are smooth
ALONE = 0.1  # share of the training pictures that show one thing
HELD_BACK = 13  # of 66 pairs
SPLITS = {"train": 4_000, "val": 400, "test": 400}


@dataclass(frozen=True)
class Thing:
    """What lies there, in words."""

    colour: str
    shape: str

    def __str__(self) -> str:
        return f"{self.colour} {self.shape}"


@dataclass(frozen=True)
class Scene:
    """One thing, or two and how the first lies to the second.

    Example:
        >>> scene = Scene(Thing("red", "circle"), "left of", Thing("blue", "square"))
        >>> scene.caption, scene.turned.caption
        ('a red circle left of a blue square', 'a blue square right of a red circle')
    """

    thing: Thing
    relation: str = ""
    other: Thing | None = None

    @property
    def caption(self) -> str:
        """The scene as a sentence."""
        return f"a {self.thing}" if self.other is None else f"a {self.thing} {self.relation} a {self.other}"

    @property
    def turned(self) -> "Scene":
        """The same, said from the other thing."""
        return self if self.other is None else Scene(self.other, OPPOSITE[self.relation], self.thing)

    def shows(self, other: "Scene") -> bool:
        """Whether two sentences say the same."""
        return other in (self, self.turned)

    @property
    def row(self) -> dict[str, str]:
        """Caption and attributes; those of a second thing are empty where there is none."""
        second = {"other_colour": "", "other_shape": ""}
        if self.other is not None:
            second = {"other_colour": self.other.colour, "other_shape": self.other.shape}
        first = {"caption": self.caption, "colour": self.thing.colour, "shape": self.thing.shape}
        return first | {"relation": self.relation} | second


THINGS = tuple(Thing(colour, shape) for colour in COLOURS for shape in SHAPES)
PAIRS = tuple(combinations(THINGS, 2))


def load() -> Layout:
    """Pictures (4800, 16, 16, 3) and their captions, divided as said above; always the same."""
    rng = np.random.default_rng(0)
    kept_back = held_back()
    seen = [pair for pair in PAIRS if pair not in kept_back]
    scenes = [drawn_from(seen, rng, ALONE) for _ in range(SPLITS["train"] + SPLITS["val"])]
    scenes += [drawn_from(kept_back, rng) for _ in range(SPLITS["test"])]
    ends = np.cumsum(list(SPLITS.values()))
    splits = {name: np.arange(end - count, end) for (name, count), end in zip(SPLITS.items(), ends)}
    name = "drawn-scenes"
    content = captioned(scenes, rng, name, splits)
    facts = {"pictures": len(scenes), "captions": len({scene.caption for scene in scenes})}
    what = "pictures with captions in the column 'caption'"
    return Layout("captions", name, what, facts, splits=splits, licence=LICENCE, content=content)


def captioned(
    scenes: Sequence[Scene], rng: np.random.Generator, name: str = "scenes", splits: dict[str, np.ndarray] | None = None
) -> Images:
    """A picture of each scene, with a table of captions and attributes beside."""
    frame = pd.DataFrame([scene.row for scene in scenes]).astype("str")
    pixels = np.stack([draw(scene, rng) for scene in scenes])
    columns = {"text_column": "caption"}
    return Images(name, None, [], 3, pixels, splits=splits or {}, licence=LICENCE, frame=frame, columns=columns)


def held_back(count: int = HELD_BACK, seed: int = 0) -> list[tuple[Thing, Thing]]:
    """Pairs of things that are never seen together in the training; every thing is in other pairs."""
    chosen = np.random.default_rng(seed).permutation(len(PAIRS))[:count]
    return [PAIRS[place] for place in sorted(chosen)]


def drawn_from(pairs: Sequence[tuple[Thing, Thing]], rng: np.random.Generator, alone: float = 0.0) -> Scene:
    """A scene of one of these pairs, either first, in any relation; in the share `alone` of cases any single thing."""
    if rng.random() < alone:
        return Scene(THINGS[rng.integers(len(THINGS))])
    things = pairs[rng.integers(len(pairs))]
    first = int(rng.integers(2))
    return Scene(things[first], RELATIONS[rng.integers(len(RELATIONS))], things[1 - first])


def parse(caption: str) -> Scene | None:
    """The scene that a caption says; None where it is none of this grammar."""
    words = caption.lower().replace(".", " ").split()
    named = [word for word in words if word not in ("a", "an", "the", "of", "to", "is")]
    things = [Thing(colour, shape) for colour, shape in zip(named[::3], named[1::3])]
    if any(thing not in THINGS for thing in things) or len(named) not in (2, 5):
        return None
    if len(things) == 1:
        return Scene(things[0])
    relation = next((known for known in RELATIONS if known.split()[0] == named[2]), None)
    return Scene(things[0], relation, things[1]) if relation else None


# -- drawing --------------------------------------------------------------------------------------------------------


def draw(scene: Scene, rng: np.random.Generator) -> np.ndarray:
    """A picture (16, 16, 3) of bytes: sizes, places and colours swing within what the words allow."""
    picture = np.tile(np.array(PAPER, float), (SIDE, SIDE, 1))
    things = [scene.thing] if scene.other is None else [scene.thing, scene.other]
    sizes = rng.choice(SIZES, len(things)).tolist()
    for thing, size, (y, x) in zip(things, sizes, places(scene.relation, sizes, rng)):
        paint = np.array(COLOURS[thing.colour]) + rng.uniform(-FADE, FADE, 3)
        part, ink = picture[y : y + size, x : x + size], cover(thing.shape, size)[..., None]
        picture[y : y + size, x : x + size] = (1 - ink) * part + ink * paint
    return picture.clip(0, 255).round().astype(np.uint8)


def places(relation: str, sizes: Sequence[int], rng: np.random.Generator) -> list[tuple[int, int]]:
    """The upper left corner (y, x) of each thing."""
    if len(sizes) == 1:
        y, x = rng.integers(0, SIDE - sizes[0] + 1, 2).tolist()
        return [(y, x)]
    is_swapped = relation in ("right of", "below")
    first, second = sizes[::-1] if is_swapped else sizes
    ahead = int(rng.integers(0, SIDE - first - second - GAP + 1))
    behind = int(rng.integers(ahead + first + GAP, SIDE - second + 1))
    level = int(rng.integers(0, SIDE - first + 1))
    middle = level + (first - second) / 2
    other = int(np.clip(round(middle + rng.uniform(-ASIDE, ASIDE)), 0, SIDE - second))
    corners = [(level, ahead), (other, behind)]
    corners = corners if relation in ("left of", "right of") else [(x, y) for y, x in corners]
    return corners[::-1] if is_swapped else corners


@cache
def cover(shape: str, size: int) -> np.ndarray:
    """(size, size) how much of each pixel a shape covers, 0 to 1."""
    side = size * FINE
    mask = Image.new("L", (side, side))
    pen = ImageDraw.Draw(mask)
    if shape == "circle":
        pen.ellipse((0, 0, side - 1, side - 1), fill=255)
    elif shape == "square":
        pen.rectangle((0, 0, side, side), fill=255)
    else:
        pen.polygon([(side / 2, 0), (side, side), (0, side)], fill=255)
    return np.asarray(mask, float).reshape(size, FINE, size, FINE).mean(axis=(1, 3)) / 255
