"""Examples that are sequences of frames, each as long as its sound: padded to the longest of a batch when asked for."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from deepglass.data.examples import Batch

MULTIPLE = 8  # of which every batch is as many frames long: networks that halve the steps divide it without rest


class RaggedFrames:
    """Frames of all sounds one behind the other.

    A batch is `frames` (B, T, M), 0 behind the end of each; `lengths` (B,); and the targets.

    Args:
        frames: (sum of lengths, M).
        lengths: (N,) frames of each sound.
        targets: Each (N, …), as they follow the inputs.
        change: Applied to the frames of each sound every time it is asked for; None leaves them as they are.
    """

    def __init__(
        self,
        frames: Tensor,
        lengths: Tensor,
        targets: Sequence[Tensor],
        change: Callable[[Tensor], Tensor] | None = None,
    ):
        self.frames, self.lengths, self.targets, self.change = frames, lengths, tuple(targets), change
        self.ends = lengths.cumsum(0)

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """What can be looked at without making a batch: lengths and targets."""
        return (self.lengths, *self.targets)

    def one(self, place: int) -> Tensor:
        """The frames (T, M) of one sound, unchanged."""
        end = int(self.ends[place])
        return self.frames[end - int(self.lengths[place]) : end]

    def batch(self, indices: Tensor) -> Batch:
        indices = indices.to(self.frames.device)
        sounds = [self.one(place) for place in indices.tolist()]
        if self.change is not None:
            sounds = [self.change(one) for one in sounds]
        frames, lengths = padded(sounds, self.frames.shape[1])
        return frames, lengths, *(target.index_select(0, indices) for target in self.targets)

    def to(self, device: torch.device) -> "RaggedFrames":
        """Only moved where nothing is changed by the processor."""
        if self.change is not None:
            return self
        moved = [target.to(device) for target in self.targets]
        return RaggedFrames(self.frames.to(device), self.lengths.to(device), moved)


def padded(sounds: Sequence[Tensor], num_bands: int) -> tuple[Tensor, Tensor]:
    """Sounds (T, M) of any lengths as one tensor: frames (B, T, M), 0 behind the end of each, and lengths (B,).

    T is the longest rounded up to a multiple of `MULTIPLE`.
    """
    longest = max((len(one) for one in sounds), default=1)
    T = -(-longest // MULTIPLE) * MULTIPLE
    device = sounds[0].device if sounds else None
    frames = torch.zeros(len(sounds), T, num_bands, device=device)
    for row, one in zip(frames, sounds):
        row[: len(one)] = one
    return frames, torch.tensor([len(one) for one in sounds], dtype=torch.int64, device=device)
