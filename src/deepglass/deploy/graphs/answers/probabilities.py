"""Logits of classes that exclude each other → their probabilities."""

from typing import Any

import torch
from torch import Tensor

from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec


class Part(AnswerPart):
    """Logits (B, K), or (B, members, K) of an ensemble → probabilities (B, K), the mean over the members."""

    SOFTENS = True

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        self.specs = [Spec("probabilities", torch.float32, ("batch", len(task.classes)))]

    def labels(self) -> list[str]:
        return self.task.classes

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        shares = output.float().softmax(dim=-1)
        return (shares.mean(dim=1) if shares.dim() == 3 else shares,)

    def as_network(self, answers: Tensor) -> Tensor:
        """Logits that have these probabilities."""
        return answers.clamp(min=torch.finfo(answers.dtype).tiny).log()
