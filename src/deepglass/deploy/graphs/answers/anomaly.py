"""What an autoencoder says → how unusual the example is, in units of the threshold."""

from typing import Any

import torch
from torch import Tensor

from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import GIVEN, Context, InputPart
from deepglass.deploy.graphs.spec import Spec


class Part(AnswerPart):
    """(B, K + D), code and what is made of it → anomaly (B, 2): the score, an alarm above 1, then the error."""

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        self.scorer = task.scorer
        self.specs = [Spec("anomaly", torch.float32, ("batch", 2))]

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        given = tuple(tensor for name, tensor in context.items() if name.startswith(GIVEN))
        off = output[:, -self.task.num_numbers :] - self.task.rows_of(given)
        score, error = self.scorer(off, self.task.codes_of(output)), off.square().mean(dim=1)
        return (torch.stack([score, error], dim=1).float(),)

    def as_network(self, answers: Tensor) -> Tensor:
        """Score and error: the task takes them for what it would make of the network's answer."""
        return answers
