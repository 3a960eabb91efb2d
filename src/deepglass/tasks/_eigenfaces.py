"""Eigenfaces: a picture by its principal components, the simple model that faces were once compared with.

Turk & Pentland (1991), Eigenfaces for Recognition, https://doi.org/10.1162/jocn.1991.3.1.71
"""

from typing import Any

import numpy as np
import torch

from deepglass.rivals import principal
from deepglass.tasks import Prepared

PLANES = 64  # numbers of a code


def codes(prepared: Prepared, seed: int) -> tuple[str, dict[str, np.ndarray]]:
    """A name, and the codes (n, K) of validation and test by components of the training pictures."""
    still = prepared.val.transform  # type: ignore[attr-defined]
    rows = _pixels(prepared.train, still)
    plane = principal.fit(rows, min(PLANES, *rows.shape), seed)
    found = {part: plane.answer(_pixels(getattr(prepared, part), still))[0] for part in ("val", "test")}
    return f"eigenfaces ({len(plane.components)})", found


def _pixels(examples: Any, still: Any) -> np.ndarray:
    """(n, pixels) of pictures as they are, without augmentation; of many so many as fit into memory, evenly chosen."""
    original, examples.transform = examples.transform, still
    try:
        first = examples.batch(torch.tensor([0]))[0]
        most = max(2, principal.MOST_NUMBERS // first.numel())
        is_many = len(examples) > most and original is not still  # of the training alone
        chosen = torch.linspace(0, len(examples) - 1, most).long() if is_many else torch.arange(len(examples))
        return np.concatenate([examples.batch(part)[0].flatten(1).cpu().numpy() for part in chosen.split(512)])
    finally:
        examples.transform = original
