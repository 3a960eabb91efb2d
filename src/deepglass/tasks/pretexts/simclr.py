"""SimCLR: two views of one picture attract each other, views of others are pushed away.

    picture ──> view 1 ── network ── features ── projector ── z₁ ┐
           └──> view 2 ── network ── features ── projector ── z₂ ┴ NT-Xent with all others of the batch

The projector is thrown away afterwards: what it may forget to answer the question, such as a colour, the features
before it still know.

Chen, Kornblith, Norouzi & Hinton (2020), A Simple Framework for Contrastive Learning of Visual Representations,
https://arxiv.org/abs/2002.05709 (their h are our features, their g our projector). Smaller here: batches of hundreds
and AdamW in the place of thousands and LARS.
"""

import math

from torch import Tensor, nn

from deepglass.core.errors import OptionError
from deepglass.tasks.pretexts import Inputs, Method
from deepglass.training.contrast import nt_xent
from deepglass.zoo.pretext import Stages

HIDDEN = 128  # of the projector


class Way(Method):
    """Learns by telling the other view from all others."""

    INPUTS = ("image",)
    OPTIONS = ("temperature", "projection_dim")
    needs_views = True

    @property
    def stages(self) -> Stages:
        """The projector."""
        return ((HIDDEN, self.config.projection_dim, True),)

    def losses(self, model: nn.Module, inputs: Inputs) -> Tensor:
        """NT-Xent of two new views."""
        assert self.pictures is not None
        codes = self.parts(model(self.pictures.twice(inputs[0])))[-1]  # (2B, P)
        return nt_xent(codes, self.config.temperature)

    def compared(self, said: Tensor) -> Tensor:
        """The projections."""
        return self.parts(said)[1]

    def require_options(self) -> None:
        """A softmax needs a temperature, a code a number.

        Raises:
            OptionError: If one is out of its range.
        """
        if not 0 < self.config.temperature < math.inf:
            raise OptionError(f"--temperature: expected more than 0, got {self.config.temperature:g}")
        if self.config.projection_dim < 2:
            raise OptionError(f"--projection-dim: expected 2 or more, got {self.config.projection_dim}")
