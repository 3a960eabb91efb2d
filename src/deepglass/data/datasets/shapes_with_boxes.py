"""Shapes with boxes: coloured circles, squares and triangles on noise, 600 pictures of 64 x 64 pixels, generated.

Each picture holds one to five things of 8 to 28 pixels that hardly overlap; every twentieth holds none. Colour says
nothing of the shape. The first 400 train, the next 80 choose, the last 120 test.

References:
    Johnson et al. (2017), CLEVR: generated scenes of simple shapes, https://arxiv.org/abs/1612.06890
"""

import numpy as np
from PIL import Image, ImageDraw

from deepglass.data.boxed_pictures import BoxedPictures
from deepglass.data.containers import Layout

LICENCE = "generated"
CLASSES = ["circle", "square", "triangle"]
SPLITS = {"train": 400, "val": 80, "test": 120}
SIDE = 64
LEAST, LARGEST = 8, 28  # pixels of a side of a thing
MOST_THINGS = 5
EMPTY_EVERY = 20
FINE = 4  # drawn so many times larger, so that edges are smooth
CLOSE = 0.1  # share of the smaller of two things that may overlap


def load() -> Layout:
    """Pictures (600, 64, 64, 3) and their boxes; always the same."""
    rng = np.random.default_rng(0)
    scenes = [scene(rng, is_empty=i % EMPTY_EVERY == EMPTY_EVERY - 1) for i in range(sum(SPLITS.values()))]
    pixels, boxes, labels = (list(part) for part in zip(*scenes))
    ends = np.cumsum(list(SPLITS.values()))
    splits = {name: np.arange(end - count, end) for (name, count), end in zip(SPLITS.items(), ends)}
    name, count = "shapes-with-boxes", len(scenes)
    content = BoxedPictures(
        name,
        None,
        CLASSES,
        3,
        pixels=np.stack(pixels),
        splits=splits,
        licence=LICENCE,
        sizes=np.full((count, 2), SIDE),
        boxes=boxes,
        box_labels=labels,
        states=[np.zeros(len(part), np.int64) for part in labels],
    )
    counts = dict(zip(CLASSES, content.counts(np.arange(count)).tolist()))
    facts = {"pictures": count, "boxes": sum(counts.values()), "classes": len(CLASSES)}
    what = "pictures with boxes"
    return Layout("boxes", name, what, facts, counts, splits=splits, licence=LICENCE, content=content)


def scene(rng: np.random.Generator, is_empty: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One picture (64, 64, 3), its boxes (n, 4) and their classes (n,)."""
    ground = rng.integers(0, 256, 3)
    noise = rng.normal(0, rng.uniform(5, 30), (SIDE, SIDE, 3))
    image = Image.fromarray(np.clip(ground + noise, 0, 255).astype(np.uint8))
    boxes: list[np.ndarray] = []
    labels: list[int] = []
    for _ in range(0 if is_empty else int(rng.integers(1, MOST_THINGS + 1))):
        box = place(rng, boxes)
        if box is None:
            continue
        label = int(rng.integers(len(CLASSES)))
        draw(image, box, label, colour(rng, ground))
        boxes.append(box)
        labels.append(label)
    return np.asarray(image), np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64)


def place(rng: np.random.Generator, others: list[np.ndarray], tries: int = 20) -> np.ndarray | None:
    """A box that hardly overlaps the others, or None where no room was found."""
    for _ in range(tries):
        size = rng.integers(LEAST, LARGEST + 1)
        x0, y0 = rng.integers(0, SIDE - size + 1, 2)
        box = np.array([x0, y0, x0 + size, y0 + size])
        if all(shared(box, other) <= CLOSE for other in others):
            return box
    return None


def shared(a: np.ndarray, b: np.ndarray) -> float:
    """The area of both as a share of the smaller one."""
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    smaller = min((a[2] - a[0]) ** 2, (b[2] - b[0]) ** 2)
    return float(np.prod(np.maximum(high - low, 0)) / smaller)


def colour(rng: np.random.Generator, ground: np.ndarray) -> tuple[int, int, int]:
    """One that can be told from the ground."""
    while True:
        chosen = rng.integers(0, 256, 3)
        if np.abs(chosen - ground).sum() > 150:
            return tuple(chosen.tolist())


def draw(image: Image.Image, box: np.ndarray, label: int, paint: tuple[int, int, int]) -> None:
    """Paint a thing that fills its box."""
    image.paste(paint, (int(box[0]), int(box[1])), cover(int(box[2] - box[0]), label))


def cover(size: int, label: int) -> Image.Image:
    """A picture of one thing that fills it: how much of each pixel it covers, up to 255."""
    mask = Image.new("L", (size * FINE, size * FINE))
    pen, end = ImageDraw.Draw(mask), size * FINE - 1
    if CLASSES[label] == "circle":
        pen.ellipse((0, 0, end, end), fill=255)
    elif CLASSES[label] == "square":
        pen.rectangle((0, 0, end, end), fill=255)
    else:
        pen.polygon([(end / 2, 0), (end, end), (0, end)], fill=255)
    return mask.resize((size, size), Image.Resampling.BOX)
