"""Scaled rows → rows in the units of the table: the curves of `data/preprocess/number.py`, backwards."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec


class Part(AnswerPart):
    """(B, F) → samples (B, F) float64: first value + Σ rise · clamp((score − left) / width, 0, 1), piece by piece."""

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        F, pieces = len(task.numbers), max(len(number.knots) for number in task.numbers) - 1
        self.specs = [Spec("samples", torch.float64, ("batch", F))]
        left, inverse_width, rise = (torch.zeros(F, pieces, dtype=torch.float64) for _ in range(3))
        for i, number in enumerate(task.numbers):
            scores, knots = (torch.tensor(part, dtype=torch.float64) for part in (number.scores, number.knots))
            left[i, : len(scores) - 1] = scores[:-1]
            inverse_width[i, : len(scores) - 1] = 1 / scores.diff()
            rise[i, : len(scores) - 1] = knots.diff()
        self.register_buffer("left", left)
        self.register_buffer("inverse_width", inverse_width)
        self.register_buffer("rise", rise)
        self.register_buffer("first", torch.tensor([number.knots[0] for number in task.numbers], dtype=torch.float64))

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        scores = output.to(self.specs[0].dtype).unsqueeze(2)  # (B, F, 1)
        covered = ((scores - self.left) * self.inverse_width).clamp(0, 1)  # (B, F, pieces)
        return (self.first + (covered * self.rise).sum(dim=2),)  # (B, F)

    def as_network(self, answers: Tensor) -> Tensor:
        parts = zip(answers.detach().numpy().T, self.task.numbers, strict=True)
        columns = [np.interp(column, number.knots, number.scores) for column, number in parts]
        return torch.from_numpy(np.stack(columns, axis=1)).float()  # (B, F)

    def extra(self) -> dict[str, Any]:
        return {"columns": [number.name for number in self.task.numbers]}
