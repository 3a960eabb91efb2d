"""Velocities that need no network: of pixels that know nothing of each other, and of pictures known by heart.

Where the data are a Gaussian, or a finite set, the mean of all paths through a place is known exactly.

    pixels of mean m and deviation s    v = m + (t·s² − (1 − t)) / ((1 − t)² + t²·s²) · (x − t·m)
    pictures p_i, blurred by s          the same with Σ w_i·p_i in the place of m, w_i ~ exp(−‖x − t·p_i‖² / 2(…))

References:
    Lipman et al. (2023), Flow Matching for Generative Modeling, https://arxiv.org/abs/2210.02747
"""

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor


class IndependentPixels:
    """Pixels are Gaussians that know neither each other nor the caption.

    Args:
        pictures: (n, C, H, W) to learn mean and deviation of each pixel from.
    """

    NAME: ClassVar[str] = "independent pixels"

    def __init__(self, pictures: Tensor):
        self.mean, self.variance = pictures.mean(dim=0), pictures.var(dim=0)

    def __call__(self, points: Tensor, time: Tensor, tokens: Tensor) -> Tensor:
        t = time.reshape(-1, 1, 1, 1)
        total = (1 - t) ** 2 + t**2 * self.variance  # of a point
        return self.mean + (t * self.variance - (1 - t)) / total * (points - t * self.mean)


class NearestCaptions:
    """The training pictures whose captions share most words with what is asked, known by heart and slightly blurred.

    It paints near copies, and the right ones if a training caption says the same.

    Args:
        pictures: (n, C, H, W).
        tokens: (n, T) their captions.
        unseen: (m, C, H, W) that are not among them: how far these are from the nearest one is the blur.
        vocab_size: Number of words V.
    """

    NAME: ClassVar[str] = "the training pictures of the nearest captions"

    def __init__(self, pictures: Tensor, tokens: Tensor, unseen: Tensor, vocab_size: int):
        self.flat, self.vocab_size = pictures.flatten(1), vocab_size
        self.captions = self._written(tokens)  # (n, T·V)
        self.variance = (
            float(torch.cdist(unseen.flatten(1), self.flat).amin(dim=1).square().mean()) / self.flat.shape[1]
        )

    def __call__(self, points: Tensor, time: Tensor, tokens: Tensor) -> Tensor:
        t, x = time[:, None], points.flatten(1)  # (B, 1), (B, F)
        total = (1 - t) ** 2 + t**2 * self.variance  # of a point around t·picture
        squares = (self.flat**2).sum(dim=1) * t**2 - 2 * t * (x @ self.flat.T)  # (B, n), less what all have in common
        alike = self._written(tokens) @ self.captions.T  # (B, n) words in the same place
        is_nearest = alike >= alike.amax(dim=1, keepdim=True) - 0.5
        weights = (-squares / (2 * total)).masked_fill(~is_nearest, -torch.inf).softmax(dim=1)
        picture = weights @ self.flat  # (B, F)
        return (picture + (t * self.variance - (1 - t)) / total * (x - t * picture)).reshape(points.shape)

    def _written(self, tokens: Tensor) -> Tensor:
        """(B, T·V) a one for each word at its place; none for padding, so that no caption is near to all."""
        ones = F.one_hot(tokens, self.vocab_size).float()
        ones[..., 0] = 0
        return ones.flatten(1)
