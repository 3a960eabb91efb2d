"""What each example counts: weights that were given, and weights that make classes count alike.

King & Zeng (2001), Logistic Regression in Rare Events Data, https://doi.org/10.1093/oxfordjournals.pan.a004868
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.api.fitting.arrays import places, tensor_of
from deepglass.core.errors import DataError, OptionError
from deepglass.core.wording import listing


def sample_weights(given: Any, count: int) -> Tensor:
    """Weights of examples as they were given: (N,) float32.

    Raises:
        DataError: If they are not one number of 0 or more for each example, or all of them are 0.
    """
    weights = tensor_of(given, "sample_weight").float().squeeze()
    weights = weights.reshape(-1) if weights.dim() == 0 else weights
    if tuple(weights.shape) != (count,):
        raise DataError(f"sample_weight has shape {tuple(weights.shape)}: expected ({count},), one for each example")
    odd = ~torch.isfinite(weights) | (weights < 0)
    if odd.any():
        rows = odd.nonzero().flatten().numpy()
        raise DataError(
            f"{places('sample_weight', rows)} is {float(weights[rows[0]]):g}: expected finite numbers of 0 or more"
        )
    if not bool((weights > 0).any()):
        raise DataError("sample_weight is 0 everywhere: nothing could be learnt")
    return weights


def balance(codes: Tensor, num_classes: int, asked: Any, classes: np.ndarray | None) -> Tensor:
    """(K,) what an example of each class counts.

    Args:
        codes: (N,) of the training examples.
        num_classes: K.
        asked: "balanced" lets all classes together count alike, N / (K · count); a dict gives label → weight, 1 else.
        classes: What the codes mean, if anything.

    Raises:
        OptionError: If a label of the dict does not occur.
    """
    counts = torch.bincount(codes, minlength=num_classes).double()
    if not isinstance(asked, Mapping):
        present = counts > 0
        return torch.where(present, counts.sum() / (int(present.sum()) * counts.clamp(min=1)), 1.0)
    labels = list(range(num_classes)) if classes is None else classes.tolist()
    if odd := [label for label in asked if label not in labels]:
        raise OptionError(
            f"class_weights: {listing(map(repr, odd))} does not occur; the classes are {listing(labels, 20)}"
        )
    return torch.tensor([float(asked.get(label, 1.0)) for label in labels], dtype=torch.float64)
