"""Logits of what follows every token of a text → the same, and the probabilities of what follows the text."""

from typing import Any

import torch
from torch import Tensor

from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec


class Part(AnswerPart):
    """Logits (B, T, V), and where each text ends, `last` (B,) → logits (B, T, V), next_probabilities (B, V)."""

    SOFTENS = True

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        self.vocab_size = len(task.tokens)
        self.specs = [
            Spec("logits", torch.float32, ("batch", "length", self.vocab_size)),
            Spec("next_probabilities", torch.float32, ("batch", self.vocab_size)),
        ]

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        logits = output.float()
        at_last = context["last"].view(-1, 1, 1).expand(-1, 1, self.vocab_size)
        return logits, logits.gather(1, at_last).squeeze(1).softmax(dim=1)

    def as_network(self, answers: Tensor) -> Tensor:
        return answers
