"""Losses that give an embedding its meaning: what is of one identity shall lie near, everything else far.

    triplet      max(0, d(a, p)² − d(a, n)² + margin): one of the same must be nearer than another, by a margin
    margin       cross entropy of s·cos(θ), where the angle θ to the own centre counts as θ + m (ArcFace)
    prototypes   cross entropy of −s·d², by the distances to the mean of each identity's other pictures

All embeddings are of length 1: what counts is an angle, and d² = 2 − 2·cos(θ) lies between 0 and 4.

References:
    Schroff, Kalenichenko & Philbin (2015), FaceNet, https://arxiv.org/abs/1503.03832 (triplets, semi-hard negatives)
    Deng et al. (2019), ArcFace, https://arxiv.org/abs/1801.07698 (the angular margin m, the scale s)
    Snell, Swersky & Zemel (2017), Prototypical Networks, https://arxiv.org/abs/1703.05175
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor

MARGIN = 0.2  # of squared distances, as FaceNet has it
ANGLE, SCALE = 0.3, 16.0  # ArcFace has 0.5 and 64 for 85,000 people; dozens of them are told apart with less
SHARPNESS = 8.0  # of prototypes: squared distances of unit vectors end at 4, and a softmax of 4 is undecided
CENTRE_RATE, MOMENTUM = 0.1, 0.9


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """(A, B) squared distances of vectors (A, D) and (B, D) of length 1."""
    return (2 - 2 * a @ b.T).clamp(min=0)


def triplet(embeddings: Tensor, identities: Tensor, margin: float = MARGIN) -> Tensor:
    """The mean over all pairs of one identity of max(0, d(a, p)² − d(a, n)² + margin) with a semi-hard negative n.

    Semi-hard is the nearest stranger that is farther away than p; where none is, the farthest of them. The hardest of
    all would pull every embedding into one point, early in a training.

    Shape:
        - embeddings: (B, D), each of length 1
        - identities: (B,)
        - output: (), 0 where the batch has no pair or no stranger
    """
    squared = squared_distances(embeddings, embeddings)  # (B, B)
    same = identities[:, None] == identities[None]
    pairs = same & ~torch.eye(len(same), dtype=torch.bool, device=same.device)
    has_stranger = ~same.all(dim=1, keepdim=True)  # (B, 1)
    of_strangers = squared.unsqueeze(1).masked_fill(same.unsqueeze(1), math.inf)  # (a, 1, n)
    farther = of_strangers.masked_fill(of_strangers <= squared.unsqueeze(2), math.inf).amin(dim=2)  # (a, p)
    farthest = squared.masked_fill(same, -math.inf).amax(dim=1, keepdim=True)  # (a, 1)
    negative = torch.where(farther.isfinite(), farther, farthest)
    counted = pairs & has_stranger
    cost = torch.where(counted, squared - torch.where(counted, negative, squared) + margin, 0.0).clamp(min=0)
    return cost.sum() / counted.sum().clamp(min=1)


def margin_logits(embeddings: Tensor, centres: Tensor, identities: Tensor, angle: float = ANGLE) -> Tensor:
    """(B, K) scaled cosines s·cos(θ) to the centre of each identity; to the own centre s·cos(θ + m).

    Past θ + m = π the cosine would rise again: there it goes on falling in a straight line.

    Args:
        embeddings: (B, D), each of length 1.
        centres: (K, D), of any length.
        identities: (B,) which centre is the own one.
        angle: The margin m; 0 leaves plain cosines.
    """
    cosines = (embeddings @ F.normalize(centres, dim=1).T).clamp(-1 + 1e-6, 1 - 1e-6)  # (B, K)
    own = cosines.gather(1, identities[:, None])  # (B, 1)
    shifted = torch.cos(torch.acos(own) + angle)
    beyond = own - angle * math.sin(angle)
    moved = torch.where(own > math.cos(math.pi - angle), shifted, beyond)
    return SCALE * cosines.scatter(1, identities[:, None], moved.to(cosines.dtype))


def prototypes(embeddings: Tensor, identities: Tensor) -> Tensor:
    """The mean cross entropy of −s·d² to the mean of each identity's pictures in the batch; no picture counts for its
    own mean. A picture that is the only one of its identity has no mean to lie near, and is not asked.

    Shape:
        - embeddings: (B, D), each of length 1
        - identities: (B,)
        - output: (), 0 where nobody has two pictures
    """
    _, place = identities.unique(return_inverse=True)
    members = F.one_hot(place).to(embeddings.dtype)  # (B, G)
    counts = members.sum(dim=0)  # (G,)
    sums = members.T @ embeddings  # (G, D)
    means = sums / counts[:, None]
    others = (sums[place] - embeddings) / (counts[place] - 1).clamp(min=1)[:, None]  # (B, D) own mean without itself
    away = (embeddings[:, None] - means[None]).square().sum(dim=2)  # (B, G)
    own = (embeddings - others).square().sum(dim=1)
    logits = -SHARPNESS * torch.where(members.bool(), own[:, None], away)
    asked = (counts[place] > 1).to(embeddings.dtype)
    return (F.cross_entropy(logits, place, reduction="none") * asked).sum() / asked.sum().clamp(min=1)


class Centres:
    """A centre for every identity of the training, which the margin softmax learns beside the network.

    No answer needs them later: they are no part of the network, and follow each of its steps (a `StepHook`) along
    their own gradient.

    Args:
        num_identities: K.
        embed_dim: D.
        device: Where they are.
        seed: Of where they begin.
        angle: The margin m.
    """

    def __init__(self, num_identities: int, embed_dim: int, device: torch.device, seed: int = 0, angle: float = ANGLE):
        self.angle = angle
        drawn = torch.randn(num_identities, embed_dim, generator=torch.Generator().manual_seed(seed))
        self.centres = F.normalize(drawn, dim=1).to(device)
        self.moved = torch.zeros_like(self.centres)
        self.batch: tuple[Tensor, Tensor] | None = None  # of the last step

    def loss(self, embeddings: Tensor, identities: Tensor) -> Tensor:
        """Cross entropy with the margin; the embeddings learn from it now, the centres with `update`."""
        self.batch = embeddings.detach(), identities
        return F.cross_entropy(margin_logits(embeddings, self.centres, identities, self.angle), identities)

    def update(self) -> None:
        """One step of gradient descent with momentum, by the batch that was asked last."""
        if self.batch is None:
            return
        embeddings, identities = self.batch
        with torch.enable_grad():
            centres = self.centres.clone().requires_grad_()
            asked = F.cross_entropy(margin_logits(embeddings, centres, identities, self.angle), identities)
            (gradient,) = torch.autograd.grad(asked, centres)
        if dist.is_initialized() and dist.get_world_size() > 1:  # every process saw another part of the batch
            dist.all_reduce(gradient)
            gradient /= dist.get_world_size()
        self.moved = MOMENTUM * self.moved + gradient
        self.centres = F.normalize(self.centres - CENTRE_RATE * self.moved, dim=1)
        self.batch = None

    def state_dict(self) -> Mapping[str, Any]:
        """What a resumed training needs."""
        return {"centres": self.centres, "moved": self.moved}

    def load_state_dict(self, state: Any) -> None:
        """Take back what `state_dict` gave."""
        self.centres, self.moved = (state[name].to(self.centres.device) for name in ("centres", "moved"))
