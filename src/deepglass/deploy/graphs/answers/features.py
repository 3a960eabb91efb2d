"""What a network says that learnt without labels → its features, without what only its training needed."""

from typing import Any

import torch
from torch import Tensor

from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec


class Part(AnswerPart):
    """(B, C + …) → features (B, C)."""

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        self.specs = [Spec("features", torch.float32, ("batch", task.code_dim))]

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        return (output[:, : self.task.code_dim].float(),)

    def as_network(self, answers: Tensor) -> Tensor:
        """Features alone: the task takes them as they are (`tasks/self_supervised.py`)."""
        return answers
