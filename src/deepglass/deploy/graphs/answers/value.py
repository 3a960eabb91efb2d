"""A standardised number → the number in the unit of the target."""

from typing import Any

import torch
from torch import Tensor

from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec


class Part(AnswerPart):
    """(B,), (B, 1), or (B, members, 1) of an ensemble → value (B,), the mean over the members."""

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        self.specs = [Spec("value", torch.float64, ("batch",))]

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        standardized = output.flatten(1).mean(dim=1).to(self.specs[0].dtype)
        return (standardized * self.task.deviation + self.task.mean,)

    def as_network(self, answers: Tensor) -> Tensor:
        return ((answers - self.task.mean) / self.task.deviation).unsqueeze(1)  # (B, 1)
