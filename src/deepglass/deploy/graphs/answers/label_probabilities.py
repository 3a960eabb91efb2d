"""Logits of labels of which several may hold → the probability of each, and which of them are answered."""

from typing import Any

import torch
from torch import Tensor

from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec


class Part(AnswerPart):
    """Logits (B, L), or (B, members, L) of an ensemble → probabilities (B, L), the mean over the members, and holds
    (B, L): 1 where a probability reaches the threshold that the run chose for its label, else 0.
    """

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        shape = ("batch", len(task.classes))
        self.specs = [Spec("label_probabilities", torch.float32, shape), Spec("holds", torch.uint8, shape)]
        self.register_buffer("thresholds", torch.from_numpy(task.cuts).float())

    def labels(self) -> list[str]:
        return self.task.classes

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        shares = output.float().sigmoid()
        shares = shares.mean(dim=1) if shares.dim() == 3 else shares  # (B, L)
        return shares, (shares >= self.thresholds).to(torch.uint8)

    def as_network(self, answers: Tensor) -> Tensor:
        """Logits that have these probabilities."""
        tiny = torch.finfo(answers.dtype).eps
        return answers.clamp(tiny, 1 - tiny).logit()
