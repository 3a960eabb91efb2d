"""Masked columns: some cells of a row are hidden, and have to be told from the others.

    row ── hide cells ── network ── features ── decoder ── row      error on the hidden cells alone

A hidden number is the mean of its column, a hidden category is "unknown". Columns that tell of each other are learnt
together; what stands alone cannot be told, and costs as much with any features.

Yoon et al. (2020), VIME, https://proceedings.neurips.cc/paper/2020/hash/7d97667a3e056acab9aaf653807b4a03-Abstract.html
(they put the cell of another row into its place, and ask which were hidden, too)
"""

import torch
from torch import Tensor, nn

from deepglass.models.autoencoder import rows_of
from deepglass.tasks.pretexts import Inputs, Method
from deepglass.tasks.pretexts.mae import mean_of_hidden, require_share
from deepglass.zoo.pretext import Stages

HIDDEN = 256  # of the decoder
SHARE = 0.3  # hidden, where nobody asks, as in VIME
UNKNOWN = 0  # the code of a category that nobody knows


class Way(Method):
    """Learns by telling hidden cells."""

    INPUTS = ("columns",)
    OPTIONS = ("mask_share",)

    @property
    def stages(self) -> Stages:
        """The decoder."""
        return ((HIDDEN, self.num_numbers, False),)

    def losses(self, model: nn.Module, inputs: Inputs) -> Tensor:
        """The mean squared error of the hidden numbers of each row, a one among zeros for a category."""
        numeric, *rest = inputs
        share = SHARE if self.config.mask_share is None else self.config.mask_share
        num_cells = numeric.shape[1] + len(self.cardinalities)
        hidden = hidden_cells(len(numeric), num_cells, share, numeric.device)  # (B, n)
        F = numeric.shape[1]
        shown = [numeric.masked_fill(hidden[:, :F], 0.0), *(c.masked_fill(hidden[:, F:], UNKNOWN) for c in rest)]
        made = self.parts(model(*shown))[-1].float()
        errors = (made - rows_of(numeric, rest[0] if rest else None, self.cardinalities)).square()  # (B, D)
        widths = torch.tensor([1] * F + list(self.cardinalities), device=numeric.device)
        return mean_of_hidden(errors, hidden.repeat_interleave(widths, dim=1))

    def require_options(self) -> None:
        """Something has to be hidden, and something shown.

        Raises:
            OptionError: If the share is out of its range.
        """
        require_share(self.config.mask_share)


def hidden_cells(rows: int, cells: int, share: float, device: torch.device) -> Tensor:
    """(B, n) which cells are hidden: each by chance, of every row at least one and not all."""
    chance = torch.rand(rows, cells, device=device)
    rank = chance.argsort(dim=1).argsort(dim=1)
    return ((chance < share) | (rank == 0)) & (rank != cells - 1)
