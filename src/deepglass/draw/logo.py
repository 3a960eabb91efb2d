"""Sequence logos: the letters of each place of a motif on top of each other, as tall as they tell something."""

from typing import Any

import numpy as np

from deepglass.draw.in_words import sentence
from deepglass.draw.pixels import Pixels, text
from deepglass.evaluate.sequence_logo import consensus, heights, information

COLORS = ("var(--c3)", "var(--c1)", "var(--c5)", "var(--c2)", "var(--c4)", "var(--c6)")  # of the page; A is green
CELL, TALL, CAPITAL = 13.0, 56.0, 7.3  # points: a place, all bits together, a capital of 10 points
LEAST = 0.4  # points; lower letters cannot be seen


def logo(
    motif: Any,
    letters: str = "ACGT",
    *,
    count: int | None = None,
    label: str = "",
    caption: str = "",
    width: float = 0.0,
) -> Pixels:
    """A motif (W, A) of chances as a logo; the alternative text spells it.

    Args:
        motif: The chance of each letter at each place.
        letters: Their names, in the order of the columns.
        count: Sequences that were counted, for the correction of small samples.
        label: What it is, a phrase.
        caption: For everybody, below.
        width: In inches; by default what the places need.
    """
    motif = np.asarray(motif, dtype=np.float64)
    tall, most = heights(motif, count), np.log2(len(letters))
    body = [
        f'<path d="M14 4V{TALL + 4:.0f}H{16 + CELL * len(motif):.0f}" fill="none" stroke="currentColor" opacity=".5"/>'
    ]
    body += [text(f"{bits:g}", 10, TALL + 7 - TALL * bits / most, "end") for bits in (0, most)]
    for place, row in enumerate(tall):
        at = TALL + 4
        for letter in np.argsort(row, kind="stable"):
            size = TALL * row[letter] / most
            if size >= LEAST:
                body.append(_stretched(letters[letter], COLORS[letter % len(COLORS)], 16 + CELL * place, at, size))
                at -= size
    told = f"{consensus(motif, letters)}, {information(motif, count).sum():.1f} bits"
    size = (18 + CELL * len(motif), TALL + 10)
    return Pixels("".join(body), size, sentence(label, told), caption, width or size[0] / 72)


def _stretched(letter: str, color: str, x: float, y: float, height: float) -> str:
    """A letter that fills its field."""
    scale = f"translate({x + CELL / 2:.1f} {y:.2f}) scale({CELL / 7.6:.2f} {height / CAPITAL:.3f})"
    style = f"font: 700 10px var(--font); fill: {color}"
    return f'<g transform="{scale}">{text(letter, 0, 0, style=style)}</g>'
