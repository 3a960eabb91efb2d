"""A forecast in the scale of the network → in the unit of the data, with both ends of its interval."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.preprocess.windows import swing_of
from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec, keep


class Part(AnswerPart):
    """(B, horizon, S) → forecast, lower, upper (B, horizon, S).

    The input gives the scaled `past` and its `centre` and `scale`, of the training or of each past, and of many series
    the `spread` (B, S) of each, by which its interval is measured. Without a validation part to learn an interval from,
    only the forecast comes out.
    """

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        plan, intervals = task.plan, task.intervals
        num_series = plan.columns.widths[0]
        names = ["forecast", *(["lower", "upper"] if intervals else [])]
        self.specs = [Spec(name, torch.float64, ("batch", plan.horizon, num_series)) for name in names]
        keep(self, "mean", plan.standardizer.mean[:num_series])
        keep(self, "std", plan.standardizer.std[:num_series])
        keep(self, "lowest", np.where(np.isnan(plan.lowest), -np.inf, plan.lowest))
        keep(self, "is_steady", intervals.is_steady if intervals else np.zeros(num_series, bool))
        for end in ("low", "high"):
            keep(self, end, getattr(intervals, end) if intervals else np.zeros((plan.horizon, num_series)))

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        centre = context["centre"]
        forecast = output.to(centre.dtype) * context["scale"] + centre
        if len(self.specs) == 1:
            return (torch.maximum(forecast, self.lowest),)
        swing = context["spread"][:, None] if "spread" in context else self._swing(context["past"])
        steps = (forecast, forecast + swing * self.low, forecast + swing * self.high)
        return tuple(torch.maximum(part, self.lowest) for part in steps)

    def _swing(self, past: Tensor) -> Tensor:
        """(B, 1, S) the deviation of each past, or that of training where quiet pasts do not promise a quiet future."""
        swing = swing_of(past)
        return torch.where(self.is_steady > 0, torch.ones_like(swing), swing) * self.std

    def as_network(self, answers: Tensor) -> Tensor:
        """Of one series in its standardised unit; of many in the unit of the data, where the task judges them."""
        return answers if self.task.plan.is_long else (answers - self.mean) / self.std
