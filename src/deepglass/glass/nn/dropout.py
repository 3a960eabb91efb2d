"""Dropout: while training, units fall silent at random, so that none can rely on one neighbour.

Srivastava et al. (2014), https://www.jmlr.org/papers/v15/srivastava14a.html. What remains is scaled by 1/(1-p), so that
nothing needs to be done in evaluation.
"""

from . import functional as F
from .module import Module


class _Dropout(Module):
    def __init__(self, p=0.5, inplace=False):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """Each value is zero with probability p."""

    def forward(self, input):
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_Dropout):
    """Each channel of (B, C, L) is zero as a whole with probability p."""

    def forward(self, input):
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    """Each channel of (B, C, H, W) is zero as a whole with probability p."""

    def forward(self, input):
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_Dropout):
    """Each channel of (B, C, D, H, W) is zero as a whole with probability p."""

    def forward(self, input):
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_Dropout):
    """Dropout for SELU: mean and variance stay as they were."""

    def forward(self, input):
        return F.alpha_dropout(input, self.p, self.training, self.inplace)
