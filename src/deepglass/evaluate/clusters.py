"""Clusters of codes: centres by k-means, and how far a code is from each of them.

    distance(c, j) = ‖(c − μ)/s − m_j‖ / √K

μ is the mean of the training codes (K numbers each) and s their spread, one number for all directions: what a code has
learnt to tell apart by more stays larger. m_j are the centres. A distance of 1 is as far as a training code lies from
the mean of all.

References:
    Lloyd (1982), Least squares quantization in PCM, https://doi.org/10.1109/TIT.1982.1056489
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.state import read, require
from deepglass.rivals import k_means


class Clusters(nn.Module):
    """(B, k) distances of codes from the centres, that of the largest cluster first.

    Args:
        mean: (K,) of the codes.
        spread: Root of the mean squared deviation of one number of a code.
        centres: (k, K) in units of the spread, around the mean.

    Shape:
        - code: (B, K)
        - output: (B, k)
    """

    mean: Tensor
    spread: Tensor
    centres: Tensor

    def __init__(self, mean: Any, spread: Any, centres: Any):
        super().__init__()
        for name, values in (("mean", mean), ("spread", spread), ("centres", centres)):
            self.register_buffer(name, torch.as_tensor(np.asarray(values, np.float32)))

    def forward(self, code: Tensor) -> Tensor:
        off = self.scaled(code)[:, None] - self.centres  # (B, k, K)
        return off.square().mean(dim=2).sqrt()

    def scaled(self, code: Tensor) -> Tensor:
        """(B, K) around 0, in units of the spread."""
        return (code - self.mean) / self.spread

    @classmethod
    def fit(cls, codes: np.ndarray, count: int, seed: int = 0) -> "Clusters":
        """So many clusters of training codes (n, K)."""
        mean = codes.mean(axis=0)
        spread = max(float(np.sqrt(((codes - mean).astype(np.float64) ** 2).mean())), 1e-12)
        return cls(mean, spread, k_means.fit((codes - mean) / spread, count, seed))

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {name: tensor.cpu().tolist() for name, tensor in self.named_buffers()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "Clusters":
        """Take back what `state` gave.

        Raises:
            ValueError: If the parts do not fit each other.
        """
        mean, spread = read(state, "mean", list[float]), read(state, "spread", float)
        centres = read(state, "centres", list[list[float]])
        require(spread > 0, "a spread above 0", spread)
        require(len(centres) > 1, "two centres or more", len(centres))
        require(len(mean) > 0 and all(len(row) == len(mean) for row in centres), "centres as long as a code")
        return cls(mean, spread, centres)
