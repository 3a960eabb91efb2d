"""What an autoencoder says → how far its code is from the centre of every cluster."""

from typing import Any

import torch
from torch import Tensor

from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import GIVEN, Context, InputPart
from deepglass.deploy.graphs.spec import Spec


class Part(AnswerPart):
    """(B, K + D), code and what is made of it → cluster_distances (B, k + 1): the distances, then the error."""

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        self.clusters = task.clusters
        self.specs = [Spec("cluster_distances", torch.float32, ("batch", task.count + 1))]

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        given = tuple(tensor for name, tensor in context.items() if name.startswith(GIVEN))
        off = output[:, -self.task.num_numbers :] - self.task.rows_of(given)
        away = self.clusters(self.task.codes_of(output))  # (B, k)
        return (torch.cat([away, off.square().mean(dim=1, keepdim=True)], dim=1).float(),)

    def as_network(self, answers: Tensor) -> Tensor:
        """(B, k + 1, 1): one dimension more, by which the task knows them (`tasks/clustering.py`)."""
        return answers[:, :, None]
