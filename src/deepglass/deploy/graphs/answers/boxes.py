"""A detector's grid → at every place a box and how likely there is a thing of each class.

Which of them mean the same thing is told outside (`deploy/runtime/answers/boxes.py`), for a graph has no loops.
"""

from typing import Any

import torch
from torch import Tensor

from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec
from deepglass.training.detection import decode, middles

TINY = 1e-6  # a share that is no more than a rounding error


class Part(AnswerPart):
    """Grids (B, 4 + K, h, w) → boxes (B, h·w, 4 + K), shares of the picture and probabilities; and from which
    probability on one is shown, (B,).
    """

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        self.shape = task.preprocessor.height, task.preprocessor.width
        self.register_buffer("least", torch.tensor(float(task.min_score)))
        self.specs = [
            Spec("boxes", torch.float32, ("batch", "places", 4 + len(task.classes))),
            Spec("least_score", torch.float32, ("batch",)),
        ]

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        return decode(output.float()), self.least.expand(output.shape[0])

    def labels(self) -> list[str]:
        """Names of the classes."""
        return self.task.classes

    def as_network(self, answers: Tensor) -> Tensor:
        """The grid (B, 4 + K, h, w) that is decoded to these."""
        B, M, channels = answers.shape
        h, w = grid_of(M, *self.shape)
        grid = answers.transpose(1, 2).reshape(B, channels, h, w)
        x0, y0, x1, y1 = grid[:, :4].unbind(dim=1)
        y, x = middles(h, grid).view(-1, 1), middles(w, grid)
        distances = torch.stack([(x - x0) * w, (y - y0) * h, (x1 - x) * w, (y1 - y) * h], dim=1)
        shares = grid[:, 4:].clamp(TINY, 1 - TINY)
        return torch.cat([distances.clamp(min=TINY).log(), (shares / (1 - shares)).log()], dim=1)


def grid_of(places: int, height: int, width: int) -> tuple[int, int]:
    """Rows and columns of so many places, of the two that multiply to them the nearest to the picture's shape."""
    rows = [h for h in range(1, places + 1) if places % h == 0]
    h = min(rows, key=lambda h: abs(h * h / places - height / width))
    return h, places // h
