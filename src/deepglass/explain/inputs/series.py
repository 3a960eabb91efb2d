"""Stretches of a series as parts: a hidden one takes the mean of its window, so that nothing happens there.

A series is a whole one, to be labelled, or the past of a forecast: there what is only seen (covariates), what is known
in advance and what never changes are a part each.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from deepglass.explain.inputs import Parts as Base
from deepglass.explain.inputs.image import blurred

MOST_STRETCHES = 24  # of all targets together


@dataclass(frozen=True)
class Parts(Base):
    """A series (1, length, S); or the past (1, context, S) of one forecast, covariates (1, context, C), known and
    static.
    """

    kind = "stretches"
    base_is = "a series that stays at its mean"
    WALK_IS: ClassVar[str | None] = None
    BASES = ("mean", "blur")
    TAKES_EXAMPLES = True

    @classmethod
    def of(cls, task: Any, inputs: tuple[Tensor, ...], example: dict[str, Any]) -> "Parts":
        """Of a whole series, or of a window."""
        past, *others = inputs
        _, length, S = past.shape
        stretches = min(length, max(1, MOST_STRETCHES // S))
        of_step = torch.arange(length) * stretches // length  # (length,)
        owner = [of_step[:, None] * S + torch.arange(S)]
        channels = task.plan.targets if others else task.inputs.channels
        names = [_name(of_step, i, name) for i in range(stretches) for name in channels]
        base = [_level(past)]
        if not others:
            return cls(inputs, tuple(base), tuple(owner), names, [None] * len(names), example)
        covariates, known, static = others
        for x, called in ((covariates, task.plan.columns.covariates), (known, None), (static, None)):
            own = torch.full(x.shape[1:], -1)
            if x.numel() and called is not None:
                own[:] = len(names) + torch.arange(x.shape[2])
                names += list(called)
            elif x.numel():
                own[:] = len(names)
                names.append("what is known in advance" if x is known else "what never changes")
            owner.append(own)
            base.append(_level(x))
        return cls(inputs, tuple(base), tuple(owner), names, [None] * len(names), example)

    def named_base(self, name: str, task: Any) -> tuple[tuple[Tensor, ...], str]:
        """A series that stays at its mean, or is smoothed."""
        if name == "mean":
            return tuple(_level(x) for x in self.inputs), self.base_is
        smooth = (blurred(x, (1,)) if x.numel() and x.dim() == 3 else _level(x) for x in self.inputs)
        return tuple(smooth), "the series smoothed"

    @staticmethod
    def usual_method(count: int, is_alone: bool) -> tuple[str, str]:
        """Integrated gradients."""
        return "integrated-gradients", "a series: contributions of its past that add up"


def _level(x: Tensor) -> Tensor:
    """The mean over the steps (1, steps, C) at every step; of what never changes (1, C) zeros, the usual value."""
    return torch.zeros_like(x) if x.dim() == 2 or not x.numel() else x.mean(1, keepdim=True).expand_as(x).contiguous()


def _name(of_step: Tensor, stretch: int, target: str) -> str:
    """Such as "sales −12 … −7", counted back from the end, which a forecast goes on from."""
    steps = torch.nonzero(of_step == stretch)[:, 0] - len(of_step)
    first, last = (f"−{-int(step)}" for step in (steps[0], steps[-1]))
    return f"{target} {first}" + (f" … {last}" if first != last else "")
