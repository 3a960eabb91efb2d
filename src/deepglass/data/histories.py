"""What users took, one after the other, as examples: what somebody took so far, and what came next.

In training a history is cut at a place that is drawn anew every time: what lies before goes in, the next few items have
to come out. For validation and test the cut is fixed, before the last events of the user.

    items of a user   a b c d e f      before the cut   0 0 a b c      behind it   d e
"""

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from deepglass.data.examples import Batch

AHEAD = 5  # items behind the cut that have to come out: one alone is noise, ten are another evening
UNKNOWN = -1  # in the place of an item that training has not seen


class Histories:
    """Histories of any length, held one after the other.

    Args:
        items: (n,) int64 codes from 1 of the items of all users, the histories one behind the other.
        lengths: (N,) of each.
        context: T, how many of the last events go in.
        held: (N, k) the items that come next, `UNKNOWN` for those that training has not seen; None draws cuts.

    Shape:
        - batch: tokens (B, T) int64 with 0 before the first, targets (B, k) int64, 0 where there is none
    """

    def __init__(self, items: Tensor, lengths: Tensor, context: int, held: Tensor | None = None):
        self.items, self.lengths, self.context, self.held = items, lengths, context, held
        self.starts = lengths.cumsum(0) - lengths

    @classmethod
    def of(cls, histories: list[np.ndarray], context: int, held: np.ndarray | None = None) -> "Histories":
        """The same from a list of arrays."""
        items = np.concatenate([*histories, np.empty(0, np.int64)]).astype(np.int64)
        lengths = torch.tensor([len(history) for history in histories], dtype=torch.int64)
        return cls(torch.from_numpy(items), lengths, context, None if held is None else torch.from_numpy(held))

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, indices: Tensor) -> Batch:
        indices = indices.to(self.lengths.device)
        lengths = self.lengths[indices]
        if self.held is not None:
            return self._before(indices, lengths), self.held[indices]
        drawn = torch.rand(len(indices), device=lengths.device)
        cuts = 1 + (drawn * (lengths - 1).clamp(min=0)).long()
        after = cuts[:, None] + torch.arange(AHEAD, device=cuts.device)  # (B, k)
        return self._before(indices, cuts), self._at(indices, after, after < lengths[:, None])

    def to(self, device: torch.device) -> "Histories":
        held = None if self.held is None else self.held.to(device)
        return Histories(self.items.to(device), self.lengths.to(device), self.context, held)

    def matrix(self, num_items: int) -> sparse.csr_matrix:
        """X (N, I): 1 where a user took an item, whenever that was."""
        rows = np.repeat(np.arange(len(self)), self.lengths.cpu().numpy())
        columns = self.items.cpu().numpy() - 1
        return sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(len(self), num_items))

    def _before(self, indices: Tensor, cuts: Tensor) -> Tensor:
        places = cuts[:, None] + torch.arange(-self.context, 0, device=cuts.device)  # (B, T)
        return self._at(indices, places, places >= 0)

    def _at(self, indices: Tensor, places: Tensor, is_there: Tensor) -> Tensor:
        where = (self.starts[indices][:, None] + places).clamp(0, max(0, len(self.items) - 1))
        found = self.items[where] if len(self.items) else torch.zeros_like(where)
        return torch.where(is_there, found, 0)
