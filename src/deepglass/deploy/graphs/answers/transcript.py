"""Logits of tokens and the blank at every step → their log-probabilities, how many steps a sound has, and the beam.

What they say is read outside (`deploy/runtime/answers/transcript.py`), for a graph has no loops.
"""

from typing import Any

import torch
from torch import Tensor

from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import GIVEN, Context, InputPart
from deepglass.deploy.graphs.inputs.audio import LENGTHS
from deepglass.deploy.graphs.spec import Spec


class Part(AnswerPart):
    """Logits (B, T', V) → transcript (B, T', V), ln p of every token; steps (B,) and beam (B,)."""

    SOFTENS = True

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        self.vocabulary = task.answer.vocabulary
        self.separator = " " if task.answer.tokens == "words" else ""
        self.register_buffer("width", torch.tensor(float(task.beam)))
        self.specs = [
            Spec("transcript", torch.float32, ("batch", "steps", len(self.vocabulary) + 1)),
            Spec("steps", torch.float32, ("batch",)),
            Spec("beam", torch.float32, ("batch",)),
        ]

    def labels(self) -> list[str]:
        """The tokens, each with the blank behind it that the text has there."""
        return [token + self.separator for token in self.vocabulary]

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        lengths, frames = context[LENGTHS], context[f"{GIVEN}0"]
        stride = frames.shape[1] // output.shape[1]
        steps = (lengths + stride - 1) // stride
        return output.float().log_softmax(dim=2), steps.float(), self.width.expand(output.shape[0])

    def as_network(self, answers: Tensor) -> Tensor:
        """Logits that have these probabilities: their logarithms."""
        return answers
