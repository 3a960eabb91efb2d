"""Parts of raw inputs, for methods that are asked about networks without a run."""

import torch
from torch import Tensor

from deepglass.explain.inputs import Parts as Base


class Parts(Base):
    """A few parts, each of every so many entries along the second dimension."""

    kind = "parts"
    base_is = "zeros and ones"
    WALK_IS = None

    @classmethod
    def of(cls, task, inputs, example):
        raise NotImplementedError

    @staticmethod
    def usual_method(count, is_alone):
        return "shapley", ""


def parts_of(inputs: tuple[Tensor, ...], count: int = 4, share: float = 0.0, hidden: int = 1) -> Parts:
    """Of the first example: floats are hidden by a share of themselves, ids by one id; padding, lengths (B,) stay."""
    one = tuple(x[:1] for x in inputs)
    base = tuple(share * x if x.is_floating_point() else _hidden(x, hidden) for x in one)
    owner = []
    for x in one:
        along = torch.arange(x.shape[-1]) % count if x.dim() > 1 else torch.zeros(())
        owner.append(along.expand(x.shape[1:]).long().contiguous())
    return Parts(one, base, tuple(owner), [f"part {i}" for i in range(count)], [None] * count)


def _hidden(ids: Tensor, hidden: int) -> Tensor:
    return torch.where(ids == 0, 0, hidden) if ids.dim() > 1 else ids
