"""Mixup and cutmix: train on two pictures at once, and on both their classes in proportion.

A network that sees 70 % of a cat and 30 % of a dog is asked to say so. It becomes less certain between the classes
and memorises less, which pays on long trainings and small data; short ones only lose time by it.

References:
    Zhang et al. (2018), mixup: Beyond Empirical Risk Minimization, https://arxiv.org/abs/1710.09412
    Yun et al. (2019), CutMix: Regularization Strategy to Train Strong Classifiers, https://arxiv.org/abs/1905.04899
    (their λ is our share)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor


@dataclass
class Mixed:
    """A batch in which every example carries a part of another one.

    inputs: (B, ...) the mixture.
    partner: (B,) which example of the batch was mixed into each.
    share: Part of the example's own in the mixture, in [0, 1]; the same for the whole batch.
    """

    inputs: Tensor
    partner: Tensor
    share: float

    def loss(self, loss_of: Callable[[Tensor], Tensor], targets: Tensor) -> Tensor:
        """share · loss(own targets) + (1 - share) · loss(partners' targets)."""
        if self.share == 1.0:
            return loss_of(targets)
        return self.share * loss_of(targets) + (1 - self.share) * loss_of(targets[self.partner])


def mix(inputs: Tensor, mixup_alpha: float = 0.0, cutmix_alpha: float = 0.0) -> Mixed:
    """Mix a batch by whichever method is on; by one of the two, tossed for, when both are.

    Args:
        inputs: (B, ...) floats; (B, C, H, W) for cutmix.
        mixup_alpha: Of the symmetric Beta that share is drawn from; 0 is off.
        cutmix_alpha: The same for cutmix.
    """
    if mixup_alpha and cutmix_alpha:
        mixup_alpha, cutmix_alpha = (mixup_alpha, 0.0) if torch.rand(()) < 0.5 else (0.0, cutmix_alpha)
    if mixup_alpha:
        return mixup(inputs, mixup_alpha)
    if cutmix_alpha:
        return cutmix(inputs, cutmix_alpha)
    return Mixed(inputs, torch.arange(len(inputs), device=inputs.device), 1.0)


@dataclass(frozen=True)
class Mixture:
    """Mixup and cutmix of several inputs at once, as `mix` does it with one.

    mixup_alpha, cutmix_alpha: Of the symmetric Beta that the share is drawn from; 0 is off.
    """

    mixup_alpha: float = 0.0
    cutmix_alpha: float = 0.0

    def mixed(self, inputs: tuple[Tensor, ...]) -> tuple[tuple[Tensor, ...], Tensor, float]:
        """The inputs, blended or pasted with the same partners; these (B,), and the share of an example's own."""
        first = mix(inputs[0], self.mixup_alpha, self.cutmix_alpha)
        others = (part.lerp(part[first.partner], 1 - first.share) for part in inputs[1:])
        return (first.inputs, *others), first.partner, first.share


def mixup(inputs: Tensor, alpha: float) -> Mixed:
    """share · x + (1 - share) · x[partner]: a blend of two examples.

    Args:
        inputs: (B, ...) floats.
        alpha: Positive; small values leave most batches nearly pure, 1 draws share uniformly.
    """
    partner, share = draw_partner(inputs), draw_share(alpha)
    return Mixed(inputs.lerp(inputs[partner], 1 - share), partner, share)


def cutmix(images: Tensor, alpha: float) -> Mixed:
    """Paste a box of one picture into another; share is the area that is left of the first.

    Args:
        images: (B, C, H, W).
        alpha: Positive; 1, the paper's choice, draws the area uniformly.
    """
    _, _, H, W = images.shape
    partner, side = draw_partner(images), (1 - draw_share(alpha)) ** 0.5
    top, bottom = draw_edges(H, side)
    left, right = draw_edges(W, side)
    mixed = images.clone()
    mixed[:, :, top:bottom, left:right] = images[partner, :, top:bottom, left:right]
    return Mixed(mixed, partner, 1 - (bottom - top) * (right - left) / (H * W))


class MixedRows(NamedTuple):
    """Rows of a table in which every one carries a part of another: numbers, codes, partners (B,), share of its own."""

    numeric: Tensor
    categories: Tensor
    partner: Tensor
    share: float


def mixed_rows(numeric: Tensor, categories: Tensor, mixup_alpha: float, cutmix_alpha: float) -> MixedRows:
    """Mixup blends numbers and tosses for each category; cutmix tosses for every cell.

    Somepalli et al. (2021), SAINT, https://arxiv.org/abs/2106.01342.

    Shape:
        - numeric: (B, F); categories: (B, n) codes
    """
    partner = draw_partner(numeric)
    use_cutmix = bool(cutmix_alpha) and (not mixup_alpha or float(torch.rand(())) < 0.5)
    share = draw_share(cutmix_alpha if use_cutmix else mixup_alpha)
    blend = torch.rand_like(numeric) < share if use_cutmix else torch.full_like(numeric, share)
    own = torch.rand(categories.shape, device=categories.device) < share
    numeric = torch.lerp(numeric[partner], numeric, blend.to(numeric.dtype))
    return MixedRows(numeric, torch.where(own, categories, categories[partner]), partner, share)


def draw_partner(inputs: Tensor) -> Tensor:
    """(B,) a random order of the batch."""
    return torch.randperm(len(inputs), device=inputs.device)


def draw_share(alpha: float) -> float:
    """One draw of Beta(alpha, alpha)."""
    return float(torch.distributions.Beta(alpha, alpha).sample())


def draw_edges(size: int, share: float) -> tuple[int, int]:
    """Begin and end of an interval of `share · size` around a random centre, cut at the border."""
    centre, half = int(torch.randint(size, ())), round(size * share / 2)
    return max(0, centre - half), min(size, centre + half)
