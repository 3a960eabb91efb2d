"""What bicubic lacks → the enlarged picture: brightness by bicubic and the network, colours by bicubic."""

from typing import Any

import torch
from torch import Tensor

from deepglass.data.preprocess.bicubic import larger
from deepglass.data.preprocess.luma import apart, together
from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.inputs.coarse_image import PLANES
from deepglass.deploy.graphs.spec import Spec


class Part(AnswerPart):
    """(B, 1, h·scale, w·scale) → pictures (B, h·scale, w·scale, C) in [0, 1]."""

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        fitted, self.scale = task.preprocessor, task.scale
        self.channels = fitted.channels
        shape = ("batch", fitted.height * self.scale, fitted.width * self.scale, fitted.channels)
        self.specs = [Spec("fine_image", torch.float32, shape)]

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        planes = larger(context[PLANES].float(), self.scale)  # (B, 3, H, W)
        planes = torch.cat([planes[:, :1] + output.float(), planes[:, 1:]], dim=1)
        return (together(planes.permute(0, 2, 3, 1), self.channels),)  # (B, H, W, C)

    def as_network(self, answers: Tensor) -> Tensor:
        """The brightness (B, 1, H, W) of the enlarged picture, bicubic included: `outputs` of the task takes it so."""
        return apart(255 * answers)[..., :1].permute(0, 3, 1, 2)
