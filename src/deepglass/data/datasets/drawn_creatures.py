"""Drawn creatures: 32 kinds, 24 pictures of each, 20 x 20 pixels in colour, generated; each kind with its description.

A kind is a body (disc, square, triangle, cross), a colour (red, green, blue, yellow) and a coat (plain, striped,
dotted). Of the 48 kinds that there could be, 32 live; any two values come together in several, so that whoever knows
what "striped" and "blue" look like can know a striped blue disc that nobody has shown. Where a creature is, how large,
how it is turned and how bright the day is changes from picture to picture.

References:
    Lampert, Nickisch & Harmeling (2009), Learning to Detect Unseen Object Classes by Between-Class Attribute Transfer,
    https://doi.org/10.1109/CVPR.2009.5206594 (Animals with Attributes: 50 kinds of animals, 85 attributes)
"""

from itertools import product

import numpy as np
import pandas as pd

from deepglass.data.containers import Images

LICENCE = "generated"
TIMES, SIDE, FINE = 24, 20, 3  # drawn so many times larger, so that edges are smooth
COLOURS = {"red": (205, 55, 45), "green": (60, 160, 70), "blue": (55, 90, 205), "yellow": (225, 190, 50)}
BODIES = ("disc", "square", "triangle", "cross")
COATS = ("plain", "striped", "dotted")
ATTRIBUTES = {"colour": tuple(COLOURS), "coat": COATS, "body": BODIES}
SAND, MARK = np.array([222, 214, 196], float), np.array([40, 36, 34], float)
RADIUS, SHIFT, TURN, LIGHT, NOISE = (0.36, 0.44), 0.07, 0.3, (0.8, 1.15), 7.0  # from picture to picture
STRIPE, DOT = 0.26, 0.27  # from one to the next, in shares of the side
Kind = tuple[str, str, str]  # colour, coat, body


def load() -> Images:
    """The pictures (768, 20, 20, 3) and what each kind is like; always the same."""
    rng = np.random.default_rng(0)
    alive = kinds()
    pixels = np.stack([drawn(kind, rng) for kind in alive for _ in range(TIMES)])
    names = [name_of(kind) for kind in alive]
    labels = np.repeat(np.arange(len(alive), dtype=np.int64), TIMES)
    return Images(
        "drawn-creatures", labels, names, 3, pixels=pixels, licence=LICENCE, descriptions=table(alive)
    )  # fmt: skip


def kinds() -> list[Kind]:
    """The 32 that live: of each colour and body together two coats of three."""
    return sorted((kind for kind in product(COLOURS, COATS, BODIES) if _lives(kind)), key=name_of)


def name_of(kind: Kind) -> str:
    """Such as "blue striped disc"."""
    return " ".join(kind)


def table(of: list[Kind]) -> pd.DataFrame:
    """A row for each: its name, then the attributes."""
    return pd.DataFrame([[name_of(kind), *kind] for kind in of], columns=["class", *ATTRIBUTES])


def drawn(kind: Kind, rng: np.random.Generator) -> np.ndarray:
    """A picture (20, 20, 3) of a kind, as bytes; the next draw shows another creature."""
    colour, coat, body = kind
    y, x = np.mgrid[: SIDE * FINE, : SIDE * FINE] / (SIDE * FINE - 1) - 0.5 - rng.uniform(-SHIFT, SHIFT, (2, 1, 1))
    turn, radius = rng.uniform(-TURN, TURN), rng.uniform(*RADIUS)
    u, v = np.cos(turn) * x + np.sin(turn) * y, np.cos(turn) * y - np.sin(turn) * x
    inside = _body(body, u / radius, v / radius)[..., None]
    marked = inside * _coat(coat, u, v, rng)[..., None]
    skin = np.array(COLOURS[colour], float) + rng.normal(0, 14, 3)
    seen = (1 - inside) * (SAND + rng.normal(0, 8, 3)) + (inside - marked) * skin + marked * MARK
    small = seen.reshape(SIDE, FINE, SIDE, FINE, 3).mean(axis=(1, 3)) * rng.uniform(*LIGHT)
    return (small + rng.normal(0, NOISE, small.shape)).clip(0, 255).round().astype(np.uint8)


def _lives(kind: Kind) -> bool:
    """Two of three, so that of each colour and body another coat is missing."""
    return sum(values.index(value) for values, value in zip(ATTRIBUTES.values(), kind)) % 3 != 0


def _body(body: str, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """(H, W) 1 inside, 0 outside, in units of the radius."""
    if body == "disc":
        return (u**2 + v**2 < 0.85).astype(float)
    if body == "square":
        return (np.maximum(np.abs(u), np.abs(v)) < 0.82).astype(float)
    if body == "triangle":
        return ((v < 0.8) & (v > 2 * np.abs(u) - 1.05)).astype(float)
    arms = (np.minimum(np.abs(u), np.abs(v)) < 0.36) & (np.maximum(np.abs(u), np.abs(v)) < 1)
    return arms.astype(float)


def _coat(coat: str, u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(H, W) 1 on a mark, 0 between."""
    if coat == "plain":
        return np.zeros_like(u)
    begin = rng.uniform(0, 1, 2)
    if coat == "striped":
        return ((u / STRIPE + begin[0]) % 1 < 0.42).astype(float)
    across, along = ((part / DOT + begin[i]) % 1 - 0.5 for i, part in enumerate((u, v)))
    return (across**2 + along**2 < 0.09).astype(float)
