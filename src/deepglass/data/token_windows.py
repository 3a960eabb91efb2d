"""Examples of a language model: windows of one long text of tokens, and the same windows one token later.

Nothing is copied: the text is one tensor, and a batch picks its windows from it by index.
"""

import torch
from torch import Tensor

from deepglass.data.examples import Batch

IGNORED = -100  # the target where the text is over; PyTorch's cross entropy skips it


class TokenWindows:
    """Window i covers tokens i·context to (i + 1)·context; each token but the first is a target exactly once.

    Args:
        tokens: (n,) ids of the whole text, n ≥ 2.
        context: Tokens that a model sees at once.
        is_shifted: For training: each window starts up to a whole context later, drawn anew every time, so that
            every token is seen after beginnings of every length.

    Shape:
        - a batch: tokens (B, context) int64, targets (B, context) int64, -100 behind the end of the text
    """

    def __init__(self, tokens: Tensor, context: int, *, is_shifted: bool = False):
        self.tokens, self.context, self.is_shifted = tokens, context, is_shifted

    def __len__(self) -> int:
        return max(1, -(-(len(self.tokens) - 1) // self.context))

    def batch(self, indices: Tensor) -> Batch:
        starts = indices.to(self.tokens.device) * self.context  # (B,)
        if self.is_shifted:
            starts = starts + torch.randint(0, self.context, starts.shape, device=starts.device)
            starts = starts.clamp(max=max(0, len(self.tokens) - 1 - self.context))
        last = len(self.tokens) - 1
        places = starts.unsqueeze(1) + torch.arange(self.context + 1, device=starts.device)  # (B, context + 1)
        window = self.tokens[places.clamp(max=last)].long()
        targets = window[:, 1:].masked_fill(places[:, 1:] > last, IGNORED)
        return window[:, :-1], targets

    def to(self, device: torch.device) -> "TokenWindows":
        return TokenWindows(self.tokens.to(device), self.context, is_shifted=self.is_shifted)
