"""Masked autoencoder: most squares of a picture are hidden, and have to be made again from the others.

    picture ── hide squares ── network ── features ── decoder ── picture      error on the hidden squares alone

He et al. (2022), Masked Autoencoders Are Scalable Vision Learners, https://arxiv.org/abs/2111.06377. Theirs leaves
hidden squares out, which only a transformer can; here they are grey, so that any network can learn so, as in Pathak et
al. (2016), Context Encoders, https://arxiv.org/abs/1604.07379, and Xie et al. (2022), SimMIM,
https://arxiv.org/abs/2111.09886. The decoder sees the features alone, so these have to hold the whole picture.
"""

from torch import Tensor, nn

from deepglass.core.errors import OptionError
from deepglass.data.augment.views import hidden_patches
from deepglass.tasks.pretexts import Inputs, Method
from deepglass.zoo.pretext import Stages

HIDDEN = 512  # of the decoder
SHARE = 0.6  # hidden, where nobody asks: He et al. have 0.75 of larger pictures


class Way(Method):
    """Learns by making hidden squares again."""

    INPUTS = ("image",)
    OPTIONS = ("mask_share",)

    @property
    def stages(self) -> Stages:
        """The decoder."""
        return ((HIDDEN, self.num_numbers, False),)

    def losses(self, model: nn.Module, inputs: Inputs) -> Tensor:
        """The mean squared error of the hidden pixels of each picture, which is changed a little before."""
        assert self.pictures is not None
        images = self.pictures.once(inputs[0])
        hidden = hidden_patches(images, SHARE if self.config.mask_share is None else self.config.mask_share)
        made = self.parts(model(images.masked_fill(hidden, 0.0)))[-1].view_as(images)
        return mean_of_hidden((made.float() - images).square(), hidden.expand_as(images))

    def require_options(self) -> None:
        """Something has to be hidden, and something shown.

        Raises:
            OptionError: If the share is out of its range.
        """
        require_share(self.config.mask_share)


def mean_of_hidden(errors: Tensor, hidden: Tensor) -> Tensor:
    """(B,) the mean of the errors (B, …) where `hidden` holds."""
    return (errors * hidden).flatten(1).sum(dim=1) / hidden.flatten(1).sum(dim=1).clamp(min=1)


def require_share(share: float | None) -> None:
    """Something has to be hidden, and something shown.

    Raises:
        OptionError: If the share is out of its range.
    """
    if share is not None and not 0 < share < 1:
        raise OptionError(f"--mask-share: expected a share between 0 and 1, got {share:g}")
