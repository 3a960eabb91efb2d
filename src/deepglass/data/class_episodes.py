"""Episodes of classes: batches as a learner of new classes will be asked, some pictures to learn from, some to name.

    classes ── some at random, the ways ── of each some pictures at random: first the shots, then the queries

An "example" of these examples is a whole episode. Which classes it has, and which pictures, is drawn when its batch is
asked for, so that no two episodes are alike.

References:
    Vinyals et al. (2016), Matching Networks for One Shot Learning, https://arxiv.org/abs/1606.04080 (episodes)
    Snell, Swersky & Zemel (2017), Prototypical Networks, https://arxiv.org/abs/1703.05175 (section 3.1: quarter turns
    of a character are characters of their own)
"""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from deepglass.data.examples import Batch, Examples

UPRIGHT, OBLONG, SQUARE = (0,), (0, 2), (0, 1, 2, 3)  # quarters by which pictures are turned, by their form
MIRRORED = 4  # added to the quarters of a picture that is mirrored first


@dataclass(frozen=True)
class Shape:
    """Of an episode. ways: Classes. shots: Pictures of each to learn from. queries: Pictures of each to name."""

    ways: int
    shots: int
    queries: int

    @property
    def each(self) -> int:
        """Pictures of a class."""
        return self.shots + self.queries

    @property
    def size(self) -> int:
        """Pictures of an episode."""
        return self.ways * self.each

    def fitted(self, counts: Tensor) -> "Shape":
        """The same with as many ways and queries as classes with so many pictures allow.

        Args:
            counts: (K,) pictures of each class.
        """
        enough = counts[counts > self.shots]
        queries = min(self.queries, int(enough.min()) - self.shots) if len(enough) else 0
        return replace(self, ways=min(self.ways, len(enough)), queries=queries)


def members_of(shape: Shape) -> Tensor:
    """(ways·shots, ways) 1 where a known picture is of a class, else 0."""
    return F.one_hot(torch.arange(shape.ways).repeat_interleave(shape.shots)).float()


class InEpisodes:
    """A batch of n episodes holds n·ways·(shots + queries) examples, episode by episode and class by class.

    Args:
        examples: Pictures (n, C, H, W) first, the class last.
        classes: (N,) the class of each, int64.
        shape: Of an episode; `Shape.fitted` to the classes.
        count: Episodes of an epoch.
        views: By how many quarters every class is turned, each view a class of its own: `UPRIGHT` by none, `SQUARE` by
            0 to 3, `OBLONG` by halves, for pictures that are not square; 4 to 7 (`mirrored_too`) mirror it first. In
            view number t class k is k + t·K.
    """

    def __init__(self, examples: Examples, classes: Tensor, shape: Shape, count: int, views: tuple[int, ...] = UPRIGHT):
        self.examples, self.classes, self.shape, self.count = examples, classes, shape, count
        self.views = torch.tensor(views, device=classes.device)
        _, place = classes.unique(return_inverse=True)
        self.counts = place.bincount()
        self.begins = self.counts.cumsum(0) - self.counts
        self.order = place.argsort(stable=True)  # (N,) by class
        self.able = (self.counts >= shape.each).nonzero().flatten()  # classes with enough pictures
        self.num_classes = int(classes.max()) + 1  # K

    def __len__(self) -> int:
        return self.count

    def drawn(self) -> tuple[Tensor, Tensor]:
        """Positions (ways, shots + queries) of the pictures of an episode, and (ways,) the number of each class's view.

        With several views a class may come twice, in different ones.
        """
        device = self.order.device
        drawn = torch.randperm(len(self.views) * len(self.able), device=device)[: self.shape.ways]
        rows = []
        for place in self.able[drawn % len(self.able)].tolist():
            picked = torch.randperm(int(self.counts[place]), device=device)[: self.shape.each]
            rows.append(self.order[self.begins[place] + picked])
        return torch.stack(rows), drawn // len(self.able)

    def batch(self, indices: Tensor) -> Batch:
        """Pictures (n·ways·(shots + queries), C, H, W), their other inputs, and (…, 2) the class of each and its part.

        The part is 1 of a picture that is known, and 0 of one that is to be named.
        """
        drawn = [self.drawn() for _ in range(len(indices))]
        images, *rest, classes = self.examples.batch(torch.cat([rows.flatten() for rows, _ in drawn]))
        views = torch.cat([view.repeat_interleave(self.shape.each) for _, view in drawn]).to(images.device)
        images = turned(images, self.views[views])
        is_known = (torch.arange(len(images), device=images.device) % self.shape.each < self.shape.shots).long()
        return images, *rest, torch.stack([classes + views * self.num_classes, is_known], dim=1)

    def to(self, device: torch.device) -> "InEpisodes":
        return InEpisodes(
            self.examples.to(device), self.classes.to(device), self.shape, self.count, tuple(self.views.tolist())
        )


def mirrored_too(views: tuple[int, ...]) -> tuple[int, ...]:
    """The same views, and behind them those of a mirror."""
    return (*views, *(MIRRORED + quarters for quarters in views))


def turned(images: Tensor, views: Tensor) -> Tensor:
    """Each picture of (B, C, H, W) as its view (B,) wants it: mirrored first from 4 on, then turned by quarters,
    against the clock."""
    if not views.any():
        return images
    found = torch.where((views >= MIRRORED).view(-1, 1, 1, 1), images.flip(3), images)
    for times in SQUARE[1:]:
        chosen = views % MIRRORED == times
        if chosen.any():
            found[chosen] = torch.rot90(found[chosen], times, (2, 3))
    return found
