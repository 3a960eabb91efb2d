"""Of running text: some tokens of what was read are others. What is to be said next stays as it is."""

from typing import Any

import numpy as np
import torch

from deepglass.audit.corruptions import Inputs, hits

CORRUPTIONS = {"swapped": "tokens are mistaken for others"}
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2)  # one of ten is already hard to read


def swapped(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """A share of the tokens is drawn anew, from those of the same batch."""
    ids = inputs[0]
    pool = ids.flatten().cpu().numpy()
    drawn = torch.from_numpy(random.choice(pool, tuple(ids.shape))).to(ids)
    return (torch.where(hits(tuple(ids.shape), SHARES[severity - 1], random, ids), drawn, ids), *inputs[1:])
