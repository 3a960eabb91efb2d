"""Logits of every pixel → how likely it is of each class."""

from typing import Any

import torch
from torch import Tensor

from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec

TINY = 1e-12  # the least probability whose logarithm is taken


class Part(AnswerPart):
    """Logits (B, K, h, w) → probabilities (B, h, w, K)."""

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        shape = ("batch", task.preprocessor.height, task.preprocessor.width, len(task.classes))
        self.specs = [Spec("pixel_probabilities", torch.float32, shape)]

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        return (output.float().softmax(dim=1).permute(0, 2, 3, 1),)

    def labels(self) -> list[str]:
        """Names of the classes."""
        return self.task.classes

    def as_network(self, answers: Tensor) -> Tensor:
        return answers.permute(0, 3, 1, 2).clamp(min=TINY).log()
