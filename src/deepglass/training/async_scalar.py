"""A number that lives on a device, seen without waiting for it: as it was when somebody last asked."""

from typing import Any

import torch
from torch import Tensor


class AsyncScalar:
    """Each look brings what an earlier one sent for, and sends again once that has arrived.

    Reading a number of a GPU waits for all work before it. Sent into memory that the GPU may write to by itself, it
    arrives when that work is done; an event in the same queue tells when. On a processor a number is there at once.

    Args:
        device: Where the number lives.
        every: Of so many looks one is taken; the others repeat what was seen.
    """

    def __init__(self, device: torch.device, every: int = 50):
        self.is_at_hand, self.every, self.looks = device.type == "cpu", every, 0
        self.place: Tensor | None = None  # page-locked memory
        self.sent: Any = None  # the event behind the last sending
        self.seen = 0.0

    def look(self, number: Tensor) -> float:
        """The newest value that has arrived, of several numbers their sum; 0.0 before the first one."""
        if self.is_at_hand:
            return value_of(number)
        self.looks += 1
        if self.looks % self.every:
            return self.seen
        if self.place is None:
            self.place = torch.zeros_like(number, device="cpu", pin_memory=number.is_cuda)
            self.send(number, self.place)
        elif self.sent.query():
            self.seen = value_of(self.place)
            self.send(number, self.place)
        return self.seen

    def send(self, number: Tensor, place: Tensor) -> None:
        """Ask for the number as it is when the device comes to it."""
        place.copy_(number, non_blocking=True)
        self.sent = torch.Event(number.device)
        self.sent.record()


def value_of(number: Tensor) -> float:
    """A number on the processor, or the sum of several."""
    return float(number if number.dim() == 0 else number.sum())
