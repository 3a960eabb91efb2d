"""Masks: what is odd in them, how much of the pictures each class covers, and classes with few pixels."""

import numpy as np

from deepglass.core.errors import DataError
from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Layout
from deepglass.data.findings import Findings
from deepglass.data.masked_pictures import MaskedPictures
from deepglass.data.reading.columns import Column
from deepglass.data.reading.masks import read_masks

FEW_PICTURES = 10  # with a class: fewer hardly show what it looks like
RARE = 0.005  # share of the pixels
IGNORED = 0.5  # share of the pixels of which nobody says what they are


def look(data: Data, config: DataConfig, columns: list[Column], findings: Findings) -> None:
    """Read them as a training would."""
    if not isinstance(data, Layout):
        return
    try:
        found = read_masks(data, config)
    except DataError as error:
        findings.warnings.append(str(error))
        return
    findings.splits = {split: len(rows) for split, rows in found.splits.items()}
    findings.guesses = [str(guess) for guess in found.guesses] + findings.guesses[-1:]
    total = found.counts.sum(axis=0)
    shares = total / max(1, total.sum())
    findings.images["found"] = {
        "of the pixels": ", ".join(f"{name} {share:.1%}" for name, share in zip(found.classes, shares)),
        "heights": _spread(found.sizes[:, 0]),
        "widths": _spread(found.sizes[:, 1]),
    }
    findings.warnings += found.remarks + _sentences(found, shares)


def _sentences(found: MaskedPictures, shares: np.ndarray) -> list[str]:
    said = []
    pictures = (found.counts > 0).sum(axis=0)
    if few := [f"{name} ({count})" for name, count in zip(found.classes, pictures.tolist()) if count < FEW_PICTURES]:
        said.append(f"fewer than {FEW_PICTURES} pictures show {listing(few)}: collect more, or expect it to be missed")
    if rare := [f"{name} ({share:.2%})" for name, share in zip(found.classes, shares) if 0 < share < RARE]:
        said.append(f"hardly any pixels of {listing(rare)}: pixel accuracy says nothing of it; look at its IoU")
    ignored = 1 - found.counts.sum() / max(1, int(found.sizes.prod(axis=1).sum()))
    if ignored > IGNORED:
        said.append(f"{ignored:.0%} of the pixels are ignored: check --ignore-label, unless only parts were labelled")
    return said


def _spread(values: np.ndarray) -> str:
    return f"{values.min()} to {values.max()}, median {np.median(values):.0f}"
