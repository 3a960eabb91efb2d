"""Scans: 600 generated ultrasound pictures of lumps, 24 x 24 pixels in grey, of which one in four is ill.

A lump that is well is a smooth oval that lies flat; one that is ill has a ragged edge and stands upright. Neither is so
always: the shapes overlap and speckle covers them, so no reader can be right about every scan. A clinic may leave a
marker in the corner of its pictures, as calipers and the tokens of X-ray rooms do. It tells how the picture was made,
and nothing about the lump.

References:
    Zech et al. (2018), Variable generalization performance of a deep learning model to detect pneumonia in chest
    radiographs, https://doi.org/10.1371/journal.pmed.1002683 (a network that recognised the hospital)
    Burckhardt (1978), Speckle in Ultrasound B-Mode Scans, https://doi.org/10.1109/T-SU.1978.30978 (noise that
    multiplies, Rayleigh distributed)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deepglass.data.containers import Images

LICENCE = "generated"
CLASSES = ["ill", "well"]
COUNT, ILL, SIDE = 600, 0.25, 24
MARKER = (slice(1, 4), slice(1, 4))  # its rows and columns
WHITE = 245


@dataclass(frozen=True)
class Lump:
    """What is scanned.

    Attributes:
        upright: Half the logarithm of its height over its width.
        ragged: How far its edge swings, as a share of the radius.
        waves: Swings around the edge.
        turn: Where they begin, in radians.
        radius: As a share of the picture's side.
    """

    upright: float
    ragged: float
    waves: int
    turn: float
    radius: float


def load() -> Images:
    """The pictures (600, 24, 24, 1), none with a marker; always the same."""
    rng = np.random.default_rng(0)
    is_ill = rng.random(COUNT) < ILL
    pixels = scans(lumps(is_ill, rng), rng)
    return Images("scans", np.where(is_ill, 0, 1), list(CLASSES), 1, pixels=pixels, licence=LICENCE)


def lumps(is_ill: np.ndarray, rng: np.random.Generator) -> list[Lump]:
    """A lump for everyone (N,)."""
    return [
        Lump(
            upright=float(rng.normal(0.12 if ill else -0.12, 0.13)),
            ragged=max(0.0, float(rng.normal(0.2 if ill else 0.06, 0.08))),
            waves=int(rng.integers(5, 8)),
            turn=float(rng.uniform(0, 2 * np.pi)),
            radius=float(rng.uniform(0.2, 0.3)),
        )
        for ill in is_ill
    ]


def scans(of: Sequence[Lump], rng: np.random.Generator, has_marker: np.ndarray | None = None) -> np.ndarray:
    """Pictures (N, 24, 24, 1) of lumps, as bytes; another call shows the same lumps in new pictures.

    Args:
        of: The lumps.
        rng: Of where they lie, how dark they are, and of the speckle.
        has_marker: Where a marker is in the corner (N,); nowhere if not said.
    """
    pixels = np.stack([_scan(lump, rng) for lump in of])
    if has_marker is not None:
        pixels[has_marker, *MARKER] = WHITE
    return pixels[..., None]


def _scan(lump: Lump, rng: np.random.Generator) -> np.ndarray:
    """Tissue that darkens with depth, the dark lump in it, speckle over both: (24, 24)."""
    y, x = np.mgrid[:SIDE, :SIDE] / (SIDE - 1) - 0.5
    y, x = y - rng.uniform(-0.1, 0.1), x - rng.uniform(-0.1, 0.1)
    edge = lump.radius * (1 + lump.ragged * np.sin(lump.waves * np.arctan2(y, x) + lump.turn))
    distance = np.hypot(x * np.exp(lump.upright), y * np.exp(-lump.upright)) / edge
    inside = 1 / (1 + np.exp(np.clip(12 * (distance - 1), -30, 30)))
    tissue = rng.uniform(110, 150) * (1 - 0.5 * y)
    speckle = rng.rayleigh(np.sqrt(2 / np.pi), (SIDE, SIDE))  # of mean 1
    seen = tissue * (1 - rng.uniform(0.55, 0.75) * inside) * (0.6 + 0.4 * speckle)
    return seen.clip(0, 255).astype(np.uint8)
