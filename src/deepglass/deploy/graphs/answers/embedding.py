"""What an autoencoder says → the code, and how much of the example is lost in it."""

from typing import Any

import torch
from torch import Tensor

from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import GIVEN, Context, InputPart
from deepglass.deploy.graphs.spec import Spec


class Part(AnswerPart):
    """(B, K + D), code and what is made of it → embedding (B, K + 1): the code, then the mean squared error."""

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        self.specs = [Spec("embedding", torch.float32, ("batch", task.code_dim + 1))]

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        given = tuple(tensor for name, tensor in context.items() if name.startswith(GIVEN))
        code, made = output[:, : self.task.code_dim], output[:, self.task.code_dim :]
        error = (made - self.task.rows_of(given)).square().mean(dim=1, keepdim=True)  # (B, 1)
        return (torch.cat([code, error], dim=1).float(),)

    def as_network(self, answers: Tensor) -> Tensor:
        """Code and error: the task takes them for what the network makes (`tasks/embedding.py`)."""
        return answers
