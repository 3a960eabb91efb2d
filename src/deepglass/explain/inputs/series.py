"""Stretches of a past as parts: a hidden one takes the mean of its window, so that nothing happens there.

What is only seen (covariates), what is known in advance and what never changes are a part each.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from deepglass.explain.inputs import Parts as Base

MOST_STRETCHES = 24  # of all targets together


@dataclass(frozen=True)
class Parts(Base):
    """The past (1, context, S) of one forecast, covariates (1, context, C), known and static."""

    kind = "stretches"
    base_is = "a past that stays at its mean"
    WALK_IS: ClassVar[str | None] = None

    @classmethod
    def of(cls, task: Any, inputs: tuple[Tensor, ...], example: dict[str, Any]) -> "Parts":
        """Of a window."""
        past, covariates, known, static = inputs
        _, context, S = past.shape
        stretches = min(context, max(1, MOST_STRETCHES // S))
        of_step = torch.arange(context) * stretches // context  # (context,)
        owner = [of_step[:, None] * S + torch.arange(S)]
        names = [_name(of_step, i, name, S) for i in range(stretches) for name in task.plan.targets]
        base = [past.mean(dim=1, keepdim=True).expand_as(past)]
        for x, called in ((covariates, task.plan.columns.covariates), (known, None), (static, None)):
            own = torch.full(x.shape[1:], -1)
            if x.numel() and called is not None:
                own[:] = len(names) + torch.arange(x.shape[2])
                names += list(called)
            elif x.numel():
                own[:] = len(names)
                names.append("what is known in advance" if x is known else "what never changes")
            owner.append(own)
            is_static = x.dim() == 2
            base.append(torch.zeros_like(x) if is_static or not x.numel() else x.mean(1, keepdim=True).expand_as(x))
        return cls(inputs, tuple(base), tuple(owner), names, [None] * len(names), example)

    @staticmethod
    def usual_method(count: int, is_alone: bool) -> tuple[str, str]:
        """Integrated gradients."""
        return "integrated-gradients", "a series: contributions of its past that add up"


def _name(of_step: Tensor, stretch: int, target: str, S: int) -> str:
    """Such as "sales −12 … −7", counted back from the first step of the forecast."""
    steps = torch.nonzero(of_step == stretch)[:, 0] - len(of_step)
    first, last = (f"−{-int(step)}" for step in (steps[0], steps[-1]))
    return f"{target} {first}" + (f" … {last}" if first != last else "")
