"""What a grid of cells has to learn from boxes: a heat map per class with a hill at every middle, and distances.

The hill falls off with the size of the box, so a cell beside the middle is punished less for being sure; the cells of
the hill learn the box, the smallest where several overlap. Cells inside boxes that need not be found learn nothing.

References:
    Law and Deng (2018), CornerNet, https://arxiv.org/abs/1808.01244 (the focal loss on hills, equation 1)
    Zhou et al. (2019), Objects as Points, https://arxiv.org/abs/1904.07850
    Liu et al. (2019), Training-Time-Friendly Network, https://arxiv.org/abs/1909.00700 (hills as wide and high as the
    box, their cells learning the box; our SHARE is their α)
    Rezatofighi et al. (2019), Generalized Intersection over Union, https://arxiv.org/abs/1902.09630
"""

import torch
import torch.nn.functional as F
from torch import Tensor

SHARE = 0.54  # of half a box that lies within three standard deviations of its hill
LEARNS_BOX = 0.05  # height of the hill from which on a cell learns the box
BOX_WEIGHT = 5.0  # of the boxes' loss beside that of the heat map, as in Liu et al.
LARGEST_LOG = 8.0  # of a distance in cells; e⁸ cells is wider than any picture
ABSENT = -1.0  # state of a row of targets that stands for no box
TINY = 1e-6


def decode(grid: Tensor) -> Tensor:
    """What a detector's grid says, as boxes.

    Shape:
        - grid: (B, 4 + K, h, w): log distances in cells, then logits
        - output: (B, h·w, 4 + K): boxes as shares of the picture, then probabilities
    """
    boxes = boxes_of(grid[:, :4]).clamp(0, 1)
    return torch.cat([boxes, grid[:, 4:].sigmoid()], dim=1).flatten(2).transpose(1, 2)


def boxes_of(logs: Tensor) -> Tensor:
    """(B, 4, h, w) log distances in cells → (B, 4, h, w) boxes as shares of the picture, not cut at its edge."""
    h, w = logs.shape[2:]
    distances = logs.clamp(max=LARGEST_LOG).exp()
    left, top, right, bottom = distances.unbind(dim=1)  # (B, h, w) each
    y, x = middles(h, logs).view(-1, 1), middles(w, logs)
    return torch.stack([x - left / w, y - top / h, x + right / w, y + bottom / h], dim=1)


def losses(grid: Tensor, targets: Tensor) -> Tensor:
    """(B,) what each picture costs: the focal loss of its heat map and the GIoU loss of its boxes, per box.

    Shape:
        - grid: (B, 4 + K, h, w)
        - targets: (B, D, 6): box as shares of the picture, class, state: 0 counts, above 0 is not asked for, below
          stands for no box
    """
    num_classes, (h, w) = grid.shape[1] - 4, grid.shape[2:]
    boxes, labels, states = targets[..., :4], targets[..., 4].long(), targets[..., 5]
    counts = states == 0  # (B, D)
    hills = hills_of(boxes, h, w) * counts[..., None, None]  # (B, D, h, w)
    found = counts.sum(dim=1).clamp(min=1)  # (B,)
    ignored = inside(boxes, h, w) & (states > 0)[..., None, None]
    heat, weight = by_class(hills, labels, num_classes), 1 - by_class(ignored.float(), labels, num_classes)
    classes = (focal(grid[:, 4:], heat) * torch.where(heat == 1, 1.0, weight)).sum(dim=(1, 2, 3))
    return (classes + BOX_WEIGHT * box_losses(grid[:, :4], boxes, hills)) / found


def hills_of(boxes: Tensor, h: int, w: int) -> Tensor:
    """(B, D, h, w): for each box (B, D, 4) a Gaussian that is 1 in the cell of its middle."""
    size = boxes.new_tensor([w, h])
    low, high = boxes[..., :2] * size, boxes[..., 2:] * size  # in cells
    middle = torch.minimum(((low + high) / 2).floor(), size - 1)  # (B, D, 2) the cell that holds it
    spread = ((high - low) * SHARE / 6).clamp(min=TINY)
    x = (torch.arange(w, device=boxes.device) - middle[..., :1]) / spread[..., :1]  # (B, D, w)
    y = (torch.arange(h, device=boxes.device) - middle[..., 1:]) / spread[..., 1:]  # (B, D, h)
    return torch.exp(-(y[..., :, None] ** 2 + x[..., None, :] ** 2) / 2)


def inside(boxes: Tensor, h: int, w: int) -> Tensor:
    """(B, D, h, w) whether the middle of a cell lies in a box (B, D, 4)."""
    x0, y0, x1, y1 = (boxes[..., i, None] for i in range(4))  # (B, D, 1) each
    x, y = middles(w, boxes), middles(h, boxes)
    return ((y0 <= y) & (y <= y1))[..., :, None] & ((x0 <= x) & (x <= x1))[..., None, :]


def by_class(maps: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """(B, K, h, w) the highest of the maps (B, D, h, w) of each class."""
    B, D, h, w = maps.shape
    heat = maps.new_zeros(B, num_classes, h, w)
    place = labels.clamp(0, num_classes - 1)[..., None, None].expand(B, D, h, w)
    return heat.scatter_reduce(1, place, maps, "amax")


def focal(logits: Tensor, heat: Tensor) -> Tensor:
    """(B, K, h, w): -(1-p)² log p at a middle, -(1-heat)⁴ p² log(1-p) elsewhere; sure and right costs nothing."""
    p = logits.sigmoid()
    at_middle = -((1 - p) ** 2) * F.logsigmoid(logits)
    elsewhere = -((1 - heat) ** 4) * p**2 * F.logsigmoid(-logits)
    return torch.where(heat == 1, at_middle, elsewhere)


def box_losses(logs: Tensor, boxes: Tensor, hills: Tensor) -> Tensor:
    """(B,) 1 - GIoU of the cells on the hills, each hill weighing 1."""
    B, D, h, w = hills.shape
    sizes = (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])  # (B, D)
    sizes = torch.where(hills > LEARNS_BOX, sizes[..., None, None], torch.inf)
    smallest, owner = sizes.min(dim=1)  # (B, h, w)
    wanted = boxes.gather(1, owner.reshape(B, -1, 1).expand(-1, -1, 4)).view(B, h, w, 4)
    own = hills * (torch.arange(D, device=hills.device).view(1, D, 1, 1) == owner[:, None])  # (B, D, h, w)
    own = own * smallest.isfinite()[:, None]
    weight = (own / own.sum(dim=(2, 3), keepdim=True).clamp(min=TINY)).sum(dim=1)  # (B, h, w)
    return (weight * (1 - giou(boxes_of(logs).permute(0, 2, 3, 1), wanted))).sum(dim=(1, 2))


def giou(a: Tensor, b: Tensor) -> Tensor:
    """IoU - (hull - union) / hull of boxes (…, 4): it falls below 0, and has a slope, where they do not touch."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    both = (high - low).clamp(min=0).prod(dim=-1)
    union = area(a) + area(b) - both
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).prod(dim=-1)
    return both / (union + TINY**2) - (hull - union) / (hull + TINY**2)


def area(boxes: Tensor) -> Tensor:
    """Of boxes (…, 4)."""
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def middles(count: int, like: Tensor) -> Tensor:
    """(count,) the middles of cells as shares of the picture."""
    return (torch.arange(count, device=like.device, dtype=like.dtype) + 0.5) / count
