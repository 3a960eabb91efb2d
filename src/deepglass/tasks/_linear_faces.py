"""Pictures compared by codes that are linear in their pixels: the simple models of verification, and a part of its own.

    eigenfaces    along the directions in which pictures differ most (Turk & Pentland 1991)
    Fisherfaces   along those in which people differ, beside how much one person does (Belhumeur et al. 1997)

References:
    Turk & Pentland (1991), Eigenfaces for Recognition, https://doi.org/10.1162/jocn.1991.3.1.71
    Belhumeur, Hespanha & Kriegman (1997), Eigenfaces vs. Fisherfaces, https://doi.org/10.1109/34.598228
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from deepglass.models.layout_cnn import LayoutCNN
from deepglass.rivals import fisher, principal
from deepglass.tasks import Prepared
from deepglass.tasks._comparing import classes_of

PLANES = 64  # numbers of a code

Codes = dict[str, np.ndarray]  # (n, K) of validation and test
Seen = Callable[[Tensor], Tensor]  # pictures (B, C, H, W) → what is compared of them


def candidates(prepared: Prepared, seed: int) -> Iterator[tuple[str, Codes]]:
    """A name and codes of each simple model, learnt from the training pictures."""
    rows, _ = _rows(prepared, "train", _as_they_are)
    plane = principal.fit(rows, min(PLANES, *rows.shape), seed)
    yield f"eigenfaces ({len(plane.components)})", _judged(prepared, _as_they_are, lambda part: plane.answer(part)[0])
    rows, classes = _rows(prepared, "train", _standardised)
    found = fisher.fit(rows, classes, PLANES, seed)
    if len(found.weights):
        yield (
            f"Fisherfaces ({len(found.weights)})",
            _judged(prepared, _standardised, lambda part: _unit(found.answer(part))),
        )


def _judged(prepared: Prepared, of: Seen, code: Callable[[np.ndarray], np.ndarray]) -> Codes:
    """Codes of the parts that judge."""
    return {part: code(_rows(prepared, part, of)[0]) for part in ("val", "test")}


def fill(network: LayoutCNN, prepared: Prepared, seed: int) -> None:
    """Set the linear part of a network that has learnt to Fisher's directions in the pictures that it learnt from."""
    assert network.linear is not None
    weights = network.linear.weights
    found = fisher.fit(*_rows(prepared, "train", network.standardised), len(weights), seed)
    network.linear.origin.copy_(torch.from_numpy(found.origin))
    network.linear.clear()
    weights[: len(found.weights)] = torch.from_numpy(found.weights).to(weights)


def _as_they_are(images: Tensor) -> Tensor:
    return images


def _standardised(images: Tensor) -> Tensor:
    """Each picture of mean 0 and variance 1 by itself."""
    return F.layer_norm(images, tuple(images.shape[1:]))


def _unit(codes: np.ndarray) -> np.ndarray:
    """Of length 1."""
    return codes / np.maximum(np.linalg.norm(codes, axis=1, keepdims=True), 1e-12)


def _rows(prepared: Prepared, part: str, of: Seen) -> tuple[np.ndarray, np.ndarray]:
    """What is seen of the pictures of a part (n, numbers), without augmentation, and their classes (n,); of many
    training pictures so many as fit into memory, evenly chosen.
    """
    examples: Any = getattr(prepared, part)
    original, examples.transform = examples.transform, prepared.val.transform  # type: ignore[attr-defined]
    try:
        first = of(examples.batch(torch.tensor([0]))[0])
        most = max(2, principal.MOST_NUMBERS // first.numel())
        is_many = len(examples) > most and part == "train"
        chosen = torch.linspace(0, len(examples) - 1, most).long() if is_many else torch.arange(len(examples))
        rows = [of(examples.batch(some)[0]).flatten(1).cpu().numpy() for some in chosen.split(512)]
        return np.concatenate(rows), classes_of(examples)[chosen.numpy()]
    finally:
        examples.transform = original
