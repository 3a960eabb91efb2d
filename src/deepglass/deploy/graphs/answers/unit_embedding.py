"""What a network that compares pictures says → the embedding, scaled to length 1."""

from typing import Any

import torch
from torch import Tensor

from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec


class Part(AnswerPart):
    """(B, D) of any length → unit_embedding (B, D)."""

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        self.specs = [Spec("unit_embedding", torch.float32, ("batch", task.config.embed_dim))]

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        return (self.task.embedded(output),)

    def extra(self) -> dict[str, Any]:
        """The distance up to which two are called the same, of a task that has one."""
        return {} if self.task.threshold is None else {"threshold": self.task.threshold}

    def as_network(self, answers: Tensor) -> Tensor:
        """What is of length 1 stays as it is."""
        return answers
