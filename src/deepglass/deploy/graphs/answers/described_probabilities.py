"""What a network says of a picture → how likely each class is whose description is known."""

from typing import Any

import torch
from torch import Tensor

from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec


class Part(AnswerPart):
    """(B, A) → described_probabilities (B, K)."""

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        self.register_buffer("codes", task.codes(torch.device("cpu")))
        self.register_buffer("taken", torch.from_numpy(task.taken))
        self.specs = [Spec("described_probabilities", torch.float32, ("batch", len(task.classes)))]

    def labels(self) -> list[str]:
        return self.task.classes

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        return ((self.task.way.scores(output.float(), self.codes) - self.taken).softmax(dim=1),)

    def as_network(self, answers: Tensor) -> Tensor:
        """(B, K, 1) scores: one dimension more, by which the task knows them (`tasks/zero_shot.py`)."""
        return answers.clamp(min=torch.finfo(answers.dtype).tiny).log()[:, :, None]
