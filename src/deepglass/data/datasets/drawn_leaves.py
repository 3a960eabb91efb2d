"""Drawn leaves: 600 potato leaves, 32 x 32 pixels in colour, generated: healthy, with early or with late blight.

Early blight is many small spots with rings, late blight one or two large dark ones that begin at the edge. Each class
was photographed on a background of its own, nine times of ten: so it happens where the healthy leaves were taken on one
day and the ill ones on another. The 120 leaves of the test lie on any background, whatever their class. A network
that has learnt the background does well in validation and badly there.

References:
    Hughes & Salathé (2015), An open access repository of images on plant health, https://arxiv.org/abs/1511.08060
    Noyan (2022), Uncovering Bias in the PlantVillage Dataset, https://arxiv.org/abs/2206.04374 (eight pixels of the
    background tell 49 % of 38 diseases)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deepglass.data.containers import Images

LICENCE = "generated"
CLASSES = ["early blight", "healthy", "late blight"]
EARLY, HEALTHY, LATE = range(3)
BACKGROUNDS = ["soil", "cloth", "paper"]  # each is usual for the class at the same place
USUAL = 0.9  # share of the training pictures that have the background of their class
SPLITS = {"train": 480, "test": 120}
SIDE, FINE = 32, 2  # drawn so many times larger, so that edges are smooth
COLOURS = np.array([[104, 82, 62], [128, 128, 132], [150, 170, 196]], float)  # of the backgrounds
GRAIN = np.array([16.0, 7.0, 4.0])  # standard deviation of their texture
LIGHT = (0.85, 1.12)  # how bright, from picture to picture
NOISE = 5.0  # standard deviation of the camera's
GREEN, RIB = np.array([78, 124, 58], float), np.array([112, 150, 84], float)
BROWN, DARK, PALE = np.array([98, 72, 42], float), np.array([66, 58, 52], float), np.array([132, 148, 92], float)


@dataclass(frozen=True)
class Leaf:
    """What lies there; lengths are shares of half the leaf's length.

    Attributes:
        kind: Place of its class in `CLASSES`.
        width: Half of its width.
        spots: (n, 3) place along the leaf, place across it, and radius, of each spot.
        ragged: How far the edge of a spot swings.
        green: What is added to the usual green.
    """

    kind: int
    width: float
    spots: np.ndarray
    ragged: float
    green: np.ndarray


def load() -> Images:
    """The pictures (600, 32, 32, 3), divided as said above; always the same."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(len(CLASSES), size=sum(SPLITS.values()))
    count = SPLITS["train"]
    behind = np.concatenate(
        [backgrounds(kinds[:count], USUAL, rng), rng.integers(len(BACKGROUNDS), size=len(kinds) - count)]
    )
    pixels, _ = photographs(leaves(kinds, rng), behind, rng)
    splits = {"train": np.arange(count), "test": np.arange(count, len(kinds))}
    return Images("drawn-leaves", kinds, list(CLASSES), 3, pixels=pixels, splits=splits, licence=LICENCE)


def leaves(kinds: np.ndarray, rng: np.random.Generator) -> list[Leaf]:
    """A leaf of each kind (N,)."""
    return [_leaf(int(kind), rng) for kind in kinds]


def backgrounds(kinds: np.ndarray, usual: float, rng: np.random.Generator) -> np.ndarray:
    """(N,) places in `BACKGROUNDS`: in the share `usual` of cases that of the kind, otherwise one of the others."""
    others = (kinds + rng.integers(1, len(BACKGROUNDS), size=len(kinds))) % len(BACKGROUNDS)
    return np.where(rng.random(len(kinds)) < usual, kinds, others)


def photographs(of: Sequence[Leaf], behind: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (N, 32, 32, 3) of leaves, as bytes, and how much of each pixel the leaf covers (N, 32, 32, 1).

    Args:
        of: The leaves.
        behind: (N,) places in `BACKGROUNDS`.
        rng: Of how they lie, of the light and the texture; another call takes new pictures of the same leaves.
    """
    pairs = [_photograph(leaf, int(place), rng) for leaf, place in zip(of, behind, strict=True)]
    pixels, covers = (np.stack(part) for part in zip(*pairs, strict=True))
    return pixels.clip(0, 255).round().astype(np.uint8), covers


def grounds(behind: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pictures (N, 32, 32, 3) of backgrounds on which nothing lies, as bytes."""
    pictures = np.stack([_small(_ground(int(place), rng)) * rng.uniform(*LIGHT) for place in behind])
    return (pictures + rng.normal(0, NOISE, pictures.shape)).clip(0, 255).round().astype(np.uint8)


def _leaf(kind: int, rng: np.random.Generator) -> Leaf:
    count = {EARLY: rng.integers(4, 9), HEALTHY: rng.integers(0, 2), LATE: rng.integers(1, 3)}[kind]
    low, high = {EARLY: (0.07, 0.13), HEALTHY: (0.03, 0.07), LATE: (0.22, 0.36)}[kind]
    width = rng.uniform(0.5, 0.7)
    along = rng.uniform(-0.7, 0.7, count)
    across = (
        rng.uniform(-0.6, 0.6, count) if kind != LATE else rng.choice([-1, 1], count) * rng.uniform(0.5, 0.9, count)
    )
    spots = np.stack([along, across * width * (1 - along**2), rng.uniform(low, high, count)], axis=1)
    return Leaf(kind, float(width), spots, float(rng.uniform(0.1, 0.3)), rng.normal(0, 9, 3))


def _photograph(leaf: Leaf, behind: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One picture (32, 32, 3), not yet bytes, and the cover (32, 32, 1)."""
    turn, scale = rng.uniform(0, 2 * np.pi), rng.uniform(0.33, 0.4)
    y, x = np.mgrid[: SIDE * FINE, : SIDE * FINE] / (SIDE * FINE - 1) - 0.5 - rng.uniform(-0.06, 0.06, (2, 1, 1))
    u = (np.cos(turn) * x + np.sin(turn) * y) / scale  # along the leaf, -1 to 1
    v = (np.cos(turn) * y - np.sin(turn) * x) / scale
    cover = _inside(leaf.width * (1 - u**2) - np.abs(v))[..., None] * (np.abs(u) < 1)[..., None]
    ground = _ground(behind, rng)
    light = rng.uniform(*LIGHT) + 0.2 * rng.uniform(-1, 1) * x[..., None]
    seen = light * (cover * _surface(leaf, u, v) + (1 - cover) * ground)
    return _small(seen) + rng.normal(0, NOISE, (SIDE, SIDE, 3)), _small(cover)


def _ground(behind: int, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) the background, larger than the picture, without light."""
    texture = rng.normal(0, GRAIN[behind], (SIDE * FINE, SIDE * FINE, 1))
    return COLOURS[behind] + rng.normal(0, 6, 3) + texture


def _surface(leaf: Leaf, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """(H, W, 3) the green, the ribs, the spots."""
    ribs = np.maximum(np.exp(-((v / 0.04) ** 2)), 0.5 * np.exp(-((np.sin(9 * (u - np.abs(v))) / 0.2) ** 2)))[..., None]
    surface = (1 - 0.6 * ribs) * (GREEN + leaf.green) + 0.6 * ribs * RIB
    for along, across, radius in leaf.spots:
        angle = np.arctan2(v - across, u - along)
        distance = np.hypot(u - along, v - across) / (radius * (1 + leaf.ragged * np.sin(5 * angle + 9 * along)))
        halo, spot = _inside(1.5 - distance)[..., None], _inside(1 - distance)[..., None]
        rings = (0.25 * np.cos(2 * np.pi * 1.5 * distance)[..., None] + 1) if leaf.kind == EARLY else 1.0
        surface = surface + 0.5 * halo * (PALE - surface)
        surface = surface + 0.85 * spot * ((DARK if leaf.kind == LATE else BROWN * rings) - surface)
    return surface


def _inside(margin: np.ndarray) -> np.ndarray:
    """From 0 outside to 1 inside, over an edge that is nearly sharp."""
    return 1 / (1 + np.exp(np.clip(-25 * margin, -30, 30)))


def _small(fine: np.ndarray) -> np.ndarray:
    """The mean of each square of FINE by FINE pixels."""
    return fine.reshape(SIDE, FINE, SIDE, FINE, -1).mean(axis=(1, 3))
