"""Group norm in the place of batch norm: the same scaling by what is in one example, and never by its neighbours.

Wu & He (2018), Group Normalization, https://arxiv.org/abs/1803.08494
"""

from typing import Any

GROUPS = 32  # of channels, as in the paper; fewer where channels do not divide by so many


def in_place_of_batch_norm(model: Any, nn: Any) -> list[str]:
    """Replace every batch norm inside a network; returns their names.

    Args:
        model: A network of either engine.
        nn: The engine's `nn`.
    """
    kinds = tuple(kind for kind in (nn.BatchNorm1d, nn.BatchNorm2d, getattr(nn, "BatchNorm3d", None)) if kind)
    found = [name for name, layer in model.named_modules() if isinstance(layer, kinds)]
    for name in found:
        *path, last = name.split(".")
        parent = model
        for part in path:
            parent = getattr(parent, part)
        layer = getattr(parent, last)
        setattr(parent, last, nn.GroupNorm(groups_of(layer.num_features), layer.num_features, eps=layer.eps))
    return found


def groups_of(channels: int) -> int:
    """The largest number of groups up to `GROUPS` by which channels divide."""
    return next(groups for groups in range(min(GROUPS, channels), 0, -1) if channels % groups == 0)
