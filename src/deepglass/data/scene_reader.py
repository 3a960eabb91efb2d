"""Read a drawn scene from its picture by rule: which things lie there, of which colour and shape, and how.

    picture ── how far from paper ── patches of ink ── colour: the nearest; shape: the best template ── scene

Nothing is learnt, so it cannot be flattered by a network that paints. A picture that holds a patch of no shape, or
more than two, is no scene: it returns None, and that is wrong whatever the caption says.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from deepglass.data.datasets.drawn_scenes import COLOURS, PAPER, SHAPES, SIZES, Scene, Thing, cover, parse

INKED = 0.5  # of the way from paper to the nearest colour: a pixel belongs to a thing
LEAST = 5  # inked pixels of a thing; less is a crumb
CRUMBS = 2  # inked pixels beside the things that are forgiven
UNLIKE = 0.035  # mean squared difference to the best template, per pixel of its square, beyond which it is no shape
_PAPER, _INKS = np.array(PAPER, float), np.array(list(COLOURS.values()), float)


@dataclass(frozen=True)
class Found:
    """A thing in a picture, and its middle in pixels."""

    thing: Thing
    y: float
    x: float


def read(picture: np.ndarray) -> Scene | None:
    """The scene that a picture (H, W, 3) of bytes shows; None where it is none.

    Example:
        >>> import numpy as np
        >>> from deepglass.data.datasets.drawn_scenes import draw
        >>> scene = Scene(Thing("red", "circle"), "above", Thing("blue", "square"))
        >>> read(draw(scene, np.random.default_rng(0))).shows(scene)
        True
    """
    things = found(picture)
    if things is None or not 1 <= len(things) <= 2:
        return None
    if len(things) == 1:
        return Scene(things[0].thing)
    first, second = things
    down, right = second.y - first.y, second.x - first.x
    if abs(right) >= abs(down):
        relation = "left of" if right > 0 else "right of"
    else:
        relation = "above" if down > 0 else "below"
    return Scene(first.thing, relation, second.thing)


def found(picture: np.ndarray) -> list[Found] | None:
    """The things of a picture; None where some ink is no thing."""
    away = picture.astype(float) - _PAPER  # (H, W, 3)
    inks = _INKS - _PAPER  # (K, 3)
    along = (away @ inks.T) / (inks**2).sum(axis=1)  # (H, W, K) how far towards each colour
    errors = ((away[:, :, None] - along.clip(0, 1)[..., None] * inks) ** 2).sum(axis=-1)
    nearest = errors.argmin(axis=-1)
    ink = np.take_along_axis(along, nearest[..., None], axis=-1)[..., 0].clip(0, 1)
    things, crumbs = [], 0
    for patch in patches(ink >= INKED):
        if patch.sum() < LEAST:
            crumbs += int(patch.sum())
            continue
        if (thing := _thing(patch, ink, away)) is None:
            return None
        things.append(thing)
    return things if crumbs <= CRUMBS else None


def patches(inked: np.ndarray) -> Iterator[np.ndarray]:
    """Each group of inked pixels (H, W) that touch side by side, as a mask."""
    left = inked.copy()
    while left.any():
        patch = np.zeros_like(left)
        patch[tuple(np.argwhere(left)[0])] = True
        while True:
            grown = patch.copy()
            grown[1:] |= patch[:-1]
            grown[:-1] |= patch[1:]
            grown[:, 1:] |= patch[:, :-1]
            grown[:, :-1] |= patch[:, 1:]
            grown &= left
            if (grown == patch).all():
                break
            patch = grown
        left &= ~patch
        yield patch


def _thing(patch: np.ndarray, ink: np.ndarray, away: np.ndarray) -> Found | None:
    """A patch as a thing; None where no template is like it."""
    paint = away[patch].mean(axis=0) + _PAPER
    colour = list(COLOURS)[int(((_INKS - paint) ** 2).sum(axis=1).argmin())]
    best = min(_fits(patch, ink), default=None)
    if best is None or best[0] > UNLIKE:
        return None
    _, shape, y, x, size = best
    return Found(Thing(colour, shape), y + size / 2, x + size / 2)


def _fits(patch: np.ndarray, ink: np.ndarray) -> Iterator[tuple[float, str, int, int, int]]:
    """How badly each shape of each size fits at each place near a patch: error, shape, corner, size."""
    top, left = np.argwhere(patch).min(axis=0)
    bottom, right = np.argwhere(patch).max(axis=0)
    around = _near(patch)
    own = np.where(around, ink, 0.0)  # without the ink of the other thing
    for size in range(min(SIZES) - 1, max(SIZES) + 2):
        for y in range(max(0, bottom - size), min(top + 1, len(ink) - size) + 1):
            for x in range(max(0, right - size), min(left + 1, ink.shape[1] - size) + 1):
                inside = own[y : y + size, x : x + size]
                outside = (own**2).sum() - (inside**2).sum()
                for shape in SHAPES:
                    error = ((inside - cover(shape, size)) ** 2).sum() + outside
                    yield float(error) / size**2, shape, y, x, size


def _near(patch: np.ndarray) -> np.ndarray:
    """A patch with the pixels beside it, corners included."""
    padded = np.pad(patch, 1)
    H, W = patch.shape
    return np.logical_or.reduce([padded[y : y + H, x : x + W] for y in range(3) for x in range(3)])


def agreements(pictures: Iterable[np.ndarray], captions: Iterable[str]) -> np.ndarray:
    """(N, 4) of pictures and what they should show: all right, colours, shapes, relation.

    Things are compared in the order in which they lie, so that a picture with both things and a wrong relation has
    right colours and shapes.
    """
    return np.array([_agreement(read(picture), parse(caption)) for picture, caption in zip(pictures, captions)])


def _agreement(seen: Scene | None, said: Scene | None) -> tuple[bool, bool, bool, bool]:
    if seen is None or said is None or (seen.other is None) != (said.other is None):
        return False, False, False, False
    colours, shapes = (sorted(_words(seen, part)) == sorted(_words(said, part)) for part in ("colour", "shape"))
    is_all = said.shows(seen)
    candidates = [seen, seen.turned]
    relation = any(one.thing == said.thing and one.relation == said.relation for one in candidates)
    return is_all, colours, shapes, relation


def _words(scene: Scene, part: str) -> list[str]:
    things = [scene.thing] if scene.other is None else [scene.thing, scene.other]
    return [getattr(thing, part) for thing in things]
