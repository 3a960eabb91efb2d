"""How unusual an example is, from the code of it and from what is missed when it is made again.

    error       mean over its numbers of off²                         how badly it is made
    weighted    mean over its numbers of off² / usual                 each in units of how it is usually missed
    both        weighted + (c − μ)ᵀ Σ⁻¹ (c − μ) / K                   and how far its code c is from usual codes

all of them divided by the threshold, so that 1 is where an alarm begins. What is usual (`usual`, μ, Σ) is learnt from
the training examples, the threshold from those of validation.

References:
    Lee et al. (2018), A Simple Unified Framework for Detecting Out-of-Distribution Samples,
    https://arxiv.org/abs/1807.03888 (the distance of what is hidden)
    Zong et al. (2018), Deep Autoencoding Gaussian Mixture Model for Unsupervised Anomaly Detection,
    https://openreview.net/forum?id=BJJLHbb0- (code and error together; ours is one Gaussian, fitted afterwards)
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core import conformal
from deepglass.core.state import read, require
from deepglass.evaluate.unfamiliar import Mahalanobis

FLOOR = 1e-2  # of the mean error: a number that is never missed must not outweigh all others


class AnomalyScore(nn.Module):
    """(B,) scores in units of the threshold; until something is known, plain errors.

    Args:
        usual: (D,) mean squared error of each number; all 1 for plain errors.
        mean: (K,) of the codes.
        inverse: (K, K) of their covariance, divided by K; 0 where codes do not count.
        threshold: Above 0.

    Shape:
        - off: (B, D) made minus given
        - code: (B, K)
        - output: (B,)
    """

    usual: Tensor
    mean: Tensor
    inverse: Tensor
    threshold: Tensor

    def __init__(self, usual: Any, mean: Any, inverse: Any, threshold: float = 1.0):
        super().__init__()
        for name, values in (("usual", usual), ("mean", mean), ("inverse", inverse), ("threshold", threshold)):
            self.register_buffer(name, torch.as_tensor(np.asarray(values, np.float32)))

    def forward(self, off: Tensor, code: Tensor) -> Tensor:
        away = code - self.mean  # (B, K)
        distance = (away @ self.inverse * away).sum(dim=1)
        return ((off.square() / self.usual).mean(dim=1) + distance) / self.threshold

    def of_numbers(self, off: np.ndarray) -> np.ndarray:
        """(…, D) what each number adds to the score of an example, of what is missed."""
        usual = self.usual.cpu().numpy().astype(np.float64)
        return off.astype(np.float64) ** 2 / usual / len(usual) / float(self.threshold)

    @classmethod
    def plain(cls, num_numbers: int, code_dim: int) -> "AnomalyScore":
        """The mean squared error."""
        return cls(np.ones(num_numbers), np.zeros(code_dim), np.zeros((code_dim, code_dim)))

    @classmethod
    def fit(cls, off: np.ndarray, codes: np.ndarray, kind: str) -> "AnomalyScore":
        """What is usual among training examples: off (N, D) and codes (N, K); `kind` as in the table above."""
        found = cls.plain(off.shape[1], codes.shape[1])
        if kind != "error":
            squares = (off.astype(np.float64) ** 2).mean(axis=0)
            found.usual = torch.as_tensor(squares + FLOOR * max(squares.mean(), 1e-12)).float()
        if kind == "both":
            near = Mahalanobis.fit(codes.astype(np.float64), np.zeros(len(codes), np.int64))
            found.mean = torch.as_tensor(near.means[0]).float()
            found.inverse = torch.as_tensor(near.inverse / codes.shape[1]).float()
        return found

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {name: tensor.cpu().tolist() for name, tensor in self.named_buffers()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "AnomalyScore":
        """Take back what `state` gave.

        Raises:
            ValueError: If the parts do not fit each other.
        """
        usual, mean = read(state, "usual", list[float]), read(state, "mean", list[float])
        inverse, threshold = read(state, "inverse", list[list[float]]), read(state, "threshold", float)
        require(all(value > 0 for value in usual), "usual errors above 0")
        require(len(inverse) == len(mean) and all(len(row) == len(mean) for row in inverse), "a square of the codes")
        require(threshold > 0, "a threshold above 0", threshold)
        return cls(usual, mean, np.array(inverse).reshape(len(mean), len(mean)), threshold)


def threshold_of(scores: np.ndarray, rate: float) -> float:
    """The score above which a normal example lies with probability `rate` at most, by (n,) that were not learnt from.

    The ⌈(n + 1)(1 − rate)⌉-th smallest of them (Vovk et al. 2005, as in `core/conformal.py`).

    Example:
        >>> threshold_of(np.arange(1.0, 100.0), 0.01)
        99.0
    """
    found = conformal.quantile(scores, 1 - rate)
    return max(min(found, float(scores.max())), 1e-12)
