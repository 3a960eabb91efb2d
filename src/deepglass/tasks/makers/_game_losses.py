"""What the two sides of a game play for: a loss of the discriminator and one of the generator, four pairs of them.

D is the discriminator's verdict: a logit that a row is real; in the last two pairs a number without a scale. ⟨·⟩ is the
mean over rows, x a real one, G(z) a made one. What differs most is how much the generator learns from a row that is
seen through at once: nothing (minimax), or as much as from any other (the rest).

References:
    Goodfellow et al. (2014), Generative Adversarial Nets, https://arxiv.org/abs/1406.2661 (minimax, non-saturating)
    Lim & Ye (2017), Geometric GAN, https://arxiv.org/abs/1705.02894 (hinge)
    Arjovsky et al. (2017), Wasserstein GAN, https://arxiv.org/abs/1701.07875
"""

from collections.abc import Callable
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor


class Losses(NamedTuple):
    """Both sides; logits are (B, 1) or (B,), losses are scalars.

    discriminator: (logits of real rows, logits of made ones) → its loss.
    generator: logits of made rows → its loss.
    """

    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]


def log_loss(on_real: Tensor, on_made: Tensor) -> Tensor:
    """−⟨log σ(D(x))⟩ − ⟨log(1 − σ(D(G(z))))⟩: the cross-entropy of telling real from made."""
    return F.softplus(-on_real).mean() + F.softplus(on_made).mean()


def non_saturating(on_made: Tensor) -> Tensor:
    """−⟨log σ(D(G(z)))⟩: steepest where a row is seen through."""
    return F.softplus(-on_made).mean()


def minimax(on_made: Tensor) -> Tensor:
    """⟨log(1 − σ(D(G(z))))⟩: what the discriminator loses, the generator gains; flat where a row is seen through."""
    return -F.softplus(on_made).mean()


def margin(on_real: Tensor, on_made: Tensor) -> Tensor:
    """⟨max(0, 1 − D(x))⟩ + ⟨max(0, 1 + D(G(z)))⟩: who is on the right side by 1 teaches nothing any more."""
    return F.relu(1 - on_real).mean() + F.relu(1 + on_made).mean()


def difference(on_real: Tensor, on_made: Tensor) -> Tensor:
    """⟨D(G(z))⟩ − ⟨D(x)⟩: a distance between the two clouds of rows, as long as the slope of D is bounded."""
    return on_made.mean() - on_real.mean()


def plain(on_made: Tensor) -> Tensor:
    """−⟨D(G(z))⟩: the same slope wherever a row lies on the scale of D."""
    return -on_made.mean()


LOSSES = {
    "non-saturating": Losses(log_loss, non_saturating),
    "minimax": Losses(log_loss, minimax),
    "hinge": Losses(margin, plain),
    "wasserstein": Losses(difference, plain),
}
