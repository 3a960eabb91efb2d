"""BYOL: foresee what a slower copy of the network says of another view. No other picture pushes anything away.

    picture ──> view 1 ── network ── projector ── predictor ── q₁ ┐
           └──> view 2 ── teacher ── projector ─────────────── t₂ ┴ 2 − 2·cos(q₁, t₂)

The teacher is the running mean of the network's weights; it follows each step, and no gradient reaches it. That all
views give the same code would cost nothing: what keeps it from happening are the predictor and the teacher together.
Validation therefore asks NT-Xent of the codes, which a collapse does not make small.

Grill et al. (2020), Bootstrap Your Own Latent, https://arxiv.org/abs/2006.07733 (their target network is our teacher,
their τ our `teacher_decay`; theirs is 0.996 for 100,000 steps and grows to 1).
"""

from collections.abc import Mapping

from torch import Tensor, nn

from deepglass.core.errors import OptionError
from deepglass.tasks.pretexts import Inputs, simclr
from deepglass.training.averaging import WeightMean
from deepglass.training.contrast import agreement, nt_xent
from deepglass.training.update import StepHook
from deepglass.zoo.pretext import Stages

JUDGED_AT = 0.2  # temperature of the validation


class Way(simclr.Way):
    """Learns by foreseeing its teacher."""

    INPUTS = ("image",)
    OPTIONS = ("teacher_decay", "predictor", "projection_dim")
    VALIDATES = False
    teacher: WeightMean | None = None  # of a training that runs

    @property
    def stages(self) -> Stages:
        """The projector, and the predictor behind it."""
        stage = (simclr.HIDDEN, self.config.projection_dim, True)
        return (stage, stage) if self.config.predictor else (stage,)

    def hooks(self, model: nn.Module) -> Mapping[str, StepHook]:
        """The teacher."""
        self.teacher = WeightMean(model, self.config.teacher_decay)
        return {"teacher": self.teacher}

    def losses(self, model: nn.Module, inputs: Inputs) -> Tensor:
        """How far what is foreseen of each view is from what the teacher says of the other."""
        assert self.pictures is not None
        views = self.pictures.twice(inputs[0])
        teacher = model if self.teacher is None else self.teacher.model.train(model.training)
        foreseen = self.parts(model(views))[-1]  # (2B, P)
        return agreement(foreseen, self.parts(teacher(views))[1])

    def judged(self, model: nn.Module, inputs: Inputs) -> Tensor:
        """NT-Xent of the projections of two views."""
        assert self.pictures is not None
        return nt_xent(self.parts(model(self.pictures.twice(inputs[0])))[1], JUDGED_AT)

    def require_options(self) -> None:
        """The teacher is a mean.

        Raises:
            OptionError: If its decay is none.
        """
        super().require_options()
        if not 0 <= self.config.teacher_decay < 1:
            raise OptionError(
                f"--teacher-decay: expected 0 (the network itself) up to below 1, got {self.config.teacher_decay:g}"
            )
