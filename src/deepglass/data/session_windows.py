"""Sessions as examples of a network that reads events from left to right: at every place the target is what comes next.

session   a b c d e f g        context 4
training  a stretch of it that is drawn anew every time        b c d e → c d e f
judging   every place once, with half a context before it      a b c d → b c d e,   c d e f → . . . f, …
asking    its end                                              d e f g → ?
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from deepglass.data.examples import Batch
from deepglass.data.token_windows import IGNORED

Use = Literal["train", "judge", "ask"]


class SessionWindows:
    """Sessions of any length, held one after the other.

    Args:
        events: (n,) int64 ids of all sessions, one behind the other.
        lengths: (N,) of each, at least 2; to be asked what comes next at least 1.
        context: T ≥ 2, how many events a network sees at once.
        use: "train" draws a stretch, "judge" and "ask" take the end.

    Shape:
        - batch: events (B, T) int64, 0 behind the end of a session; targets (B, T) int64, `IGNORED` there
    """

    def __init__(self, events: Tensor, lengths: Tensor, context: int, use: Use = "judge"):
        self.events, self.lengths, self.context, self.use = events, lengths, context, use
        self.starts = lengths.cumsum(0) - lengths

    @classmethod
    def of(cls, sessions: list[np.ndarray], context: int, use: Use = "judge") -> "SessionWindows":
        """The same from a list of arrays of ids."""
        if use == "ask":  # what comes next stands in for the last target, whatever it is
            sessions = [np.append(session, 0) for session in sessions]
        events = np.concatenate([*sessions, np.empty(0, np.int64)]).astype(np.int64)
        lengths = torch.tensor([len(session) for session in sessions], dtype=torch.int64)
        return cls(torch.from_numpy(events), lengths, context, use)

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, indices: Tensor) -> Batch:
        indices = indices.to(self.lengths.device)
        first = (self.lengths[indices] - 1 - self.context).clamp(min=0)  # (B,) where the end begins
        if self.use == "train":
            first = (torch.rand(len(first), device=first.device) * (first + 1)).long()
        return self._at(indices, first)

    def windows(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Every place of every session once: which session (b,), events (b, T) and targets (b, T).

        Windows overlap by half: but for the first ones, only the second half of each is judged. Those of a length
        come together.
        """
        step, lengths = self.context // 2, self.lengths - 1
        number = 1 + (-(-(lengths - self.context) // step)).clamp(min=0)  # (N,) windows of each session
        owner = torch.repeat_interleave(torch.arange(len(self), device=number.device), number)
        place = torch.arange(len(owner), device=owner.device) - (number.cumsum(0) - number)[owner]
        first = place * step
        order = torch.argsort(lengths[owner] - first, stable=True)
        for rows in order.split(batch_size):
            events, targets = self._at(owner[rows], first[rows])
            is_known = torch.arange(targets.shape[1], device=rows.device) < self.context - step
            yield owner[rows], events, targets.masked_fill(is_known & (place[rows] > 0)[:, None], IGNORED)

    def to(self, device: torch.device) -> "SessionWindows":
        return SessionWindows(self.events.to(device), self.lengths.to(device), self.context, self.use)

    def _at(self, indices: Tensor, first: Tensor) -> Batch:
        """From there on, as far as a context reaches; a GPU keeps one shape, a processor what the longest needs."""
        lengths = self.lengths[indices]
        width = self.context
        if not lengths.is_cuda and len(lengths):
            width = min(width, int((lengths - 1 - first).max()))
        places = first[:, None] + torch.arange(width + 1, device=first.device)  # (B, T + 1)
        is_there = places < lengths[:, None]
        where = (self.starts[indices][:, None] + places).clamp(max=max(0, len(self.events) - 1))
        found = torch.where(is_there, self.events[where], 0)
        return found[:, :-1], found.masked_fill(~is_there, IGNORED)[:, 1:]
