"""Content, style and smoothness of a picture, as a network sees them.

    content   Σ (F − P)² / Σ (P − mean P)²   of one layer: what is where
    style     mean over layers of Σ (G − A)² / Σ A²,  G = (F − μ)(F − μ)ᵀ / places: what appears together, wherever
    smooth    mean squared difference of neighbouring pixels

F are the features of the painted picture, P those of the content, A is G of the style picture. Both losses are shares
of what there is, so the same weights suit every network: near 1 is a picture that has nothing of it.

References:
    Gatys, Ecker & Bethge (2016), Image Style Transfer Using Convolutional Neural Networks,
    https://doi.org/10.1109/CVPR.2016.265, preprint https://arxiv.org/abs/1508.06576 (equations 1 to 7)
    Novak & Nikulin (2016), Improving the Neural Algorithm of Artistic Style, https://arxiv.org/abs/1605.04603
    (section 3.2, μ: without it the mean of each map, which is large after a ReLU, outweighs what appears together)
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

LEAST = 1e-8  # of what is divided by: a map that is the same everywhere
Features = Callable[[Tensor], Sequence[Tensor]]  # pictures (B, 3, H, W) → maps (B, C, h, w), the finest first


def gram(maps: Tensor, centre: Tensor | float = 0.0) -> Tensor:
    """G = (F − μ)(F − μ)ᵀ / places: how often each pair of features appears together.

    A sum over all places: where they appear is forgotten, and that is why it is style and not content.

    Args:
        maps: Features of a layer.
        centre: μ of each channel, (1, C, 1, 1).

    Shape:
        - maps: (B, C, h, w)
        - output: (B, C, C)

    Example:
        >>> gram(torch.tensor([[[[1.0, 0.0]], [[2.0, 2.0]]]])).tolist()
        [[[0.5, 1.0], [1.0, 4.0]]]
    """
    F = (maps - centre).flatten(2)  # (B, C, h·w)
    return F @ F.transpose(1, 2) / F.shape[2]  # (B, C, C)


class Style(NamedTuple):
    """What is kept of a style picture: of each layer μ (1, C, 1, 1), and A (1, C, C)."""

    centres: list[Tensor]
    grams: list[Tensor]

    @classmethod
    def of(cls, maps: Sequence[Tensor]) -> "Style":
        """That of the maps of one picture."""
        centres = [layer.mean((2, 3), keepdim=True) for layer in maps]
        return cls(centres, [gram(layer, centre) for layer, centre in zip(maps, centres)])

    def loss(self, maps: Sequence[Tensor]) -> Tensor:
        """(B,) how far pictures are from it; 0 is the same style."""
        found = []
        for layer, centre, wanted in zip(maps, self.centres, self.grams, strict=True):
            apart = (gram(layer, centre) - wanted).square().sum((1, 2))  # (B,)
            found.append(apart / wanted.square().sum().clamp(min=LEAST))
        return torch.stack(found).mean(0)  # (B,)


def content_loss(maps: Tensor, wanted: Tensor) -> Tensor:
    """(B,) how far the features of one layer are from those of the content, as a share of how these vary.

    Shape:
        - maps, wanted: (B, C, h, w)
    """
    spread = (wanted - wanted.mean((2, 3), keepdim=True)).square().mean((1, 2, 3))  # (B,)
    return (maps - wanted).square().mean((1, 2, 3)) / spread.clamp(min=LEAST)


def roughness(pictures: Tensor) -> Tensor:
    """(B,) mean squared difference of neighbours in both directions; 0 of a picture of one colour."""
    down, right = pictures.diff(dim=2), pictures.diff(dim=3)
    return down.square().mean((1, 2, 3)) + right.square().mean((1, 2, 3))
