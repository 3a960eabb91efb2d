"""Pictures in pairs, coarse and fine, as examples: windows of them in training, whole pictures else.

    fine (H, W, C) ── smaller ── coarse (H / scale, W / scale, C) ── the same window of both, mirrored or turned ── Y

The coarse picture is made from the fine one once, before a window is cut: cutting first would give the same numbers
but for the edges of the window, and cost a shrinking each step. Pictures are held as bytes, of any sizes.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.core.tiles import enlarged
from deepglass.data.examples import Batch
from deepglass.data.preprocess.bicubic import smaller
from deepglass.data.preprocess.luma import apart

OUTSIDE = -1.0  # in a target: beyond the edge of a picture that is smaller than others of its batch

Load = Callable[[int], np.ndarray]  # from the position of an example to its picture (H, W, C)


class CoarsePictures:
    """Examples of (coarse Y (B, 1, h, w) in [0, 1], target).

    Args:
        load: Pictures by position, cut to a multiple of `scale`.
        targets: (N, …) what the answer field says of each; where `makes_fine`, the fine Y stands in their place.
        scale: How many times coarser.
        makes_fine: Whether pictures are fine ones, of which coarse ones are made; else they are coarse themselves.
        window: Height and width, in coarse pixels, of what training sees; None shows whole pictures.
        changes: Of "flip" and "turn", in training.
        channels_last: Coarse pictures as they are, (B, h, w, C), for an exported model.
    """

    def __init__(
        self,
        load: Load,
        targets: Tensor,
        scale: int,
        makes_fine: bool,
        window: tuple[int, int] | None = None,
        changes: Sequence[str] = (),
        channels_last: bool = False,
        device: torch.device | str = "cpu",
    ):
        self.load, self.targets, self.scale, self.makes_fine = load, targets, scale, makes_fine
        self.window, self.changes, self.channels_last, self.device = window, list(changes), channels_last, device
        self.tensors, self.is_still = (targets,), False  # a still one always shows the window in the middle

    def __len__(self) -> int:
        return len(self.targets)

    def to(self, device: torch.device) -> "CoarsePictures":
        return self._with(device=device)

    def as_they_come(self) -> "CoarsePictures":
        """The same with coarse pictures (B, h, w, C) as an exported model takes them."""
        return self._with(channels_last=True)

    def pair(self, place: int) -> tuple[np.ndarray, np.ndarray | None]:
        """The whole coarse picture (h, w, C), and the fine one (h·scale, w·scale, C) where there is one."""
        found = self.load(place)
        return (smaller(found, self.scale), found) if self.makes_fine else (found, None)

    def batch(self, indices: Tensor) -> Batch:
        """Coarse pictures and targets; smaller ones are mirrored beyond their edge, their targets are `OUTSIDE`."""
        places = indices.cpu().tolist()
        pairs = [self.pair(place) for place in places]
        if self.window is not None:
            pairs = [self._changed(*self._cut(*pair)) for pair in pairs]
        height, width = np.max([coarse.shape[:2] for coarse, _ in pairs], axis=0).tolist()
        coarse = torch.from_numpy(np.stack([enlarged(part, height, width) for part, _ in pairs])).to(self.device)
        if not self.channels_last:
            coarse = self.seen(coarse)
        if not self.makes_fine:
            return coarse, self.targets[indices.cpu()].to(self.device)
        fine = torch.full((len(pairs), 1, height * self.scale, width * self.scale), OUTSIDE)
        for target, (_, picture) in zip(fine, pairs):
            assert picture is not None
            target[0, : picture.shape[0], : picture.shape[1]] = apart(torch.from_numpy(picture).float())[..., 0]
        return coarse, fine.to(self.device)

    def seen(self, coarse: Tensor) -> Tensor:
        """(B, 1, h, w) what a network sees of coarse pictures (B, h, w, C): their brightness from 0 to 1."""
        return apart(coarse.float())[..., :1].permute(0, 3, 1, 2).contiguous()

    def _cut(self, coarse: np.ndarray, fine: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
        """A random window of both; where the picture is smaller, it is mirrored beyond its edge."""
        assert self.window is not None
        height, width = self.window
        coarse = enlarged(coarse, height, width)
        fine = None if fine is None else enlarged(fine, height * self.scale, width * self.scale)
        room = torch.tensor([coarse.shape[0] - height + 1, coarse.shape[1] - width + 1])
        y, x = ((torch.full((2,), 0.5) if self.is_still else torch.rand(2)) * room).floor().long().tolist()
        s = self.scale
        part = None if fine is None else fine[y * s : (y + height) * s, x * s : (x + width) * s]
        return coarse[y : y + height, x : x + width], part

    def _changed(self, coarse: np.ndarray, fine: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
        """Both mirrored, and turned by quarters where they are square."""
        left, up, quarter = (torch.rand(3) < 0.5).tolist()
        parts: list[Any] = [coarse, fine]
        if "flip" in self.changes or "turn" in self.changes:
            parts = [part if part is None or not left else part[:, ::-1] for part in parts]
        if "turn" in self.changes:
            parts = [part if part is None or not up else part[::-1] for part in parts]
            if coarse.shape[0] == coarse.shape[1]:
                parts = [part if part is None or not quarter else part.transpose(1, 0, 2) for part in parts]
        return tuple(None if part is None else np.ascontiguousarray(part) for part in parts)  # type: ignore[return-value]

    def _with(self, **changed: Any) -> "CoarsePictures":
        other = copy.copy(self)
        vars(other).update(changed)
        return other


class ColourPictures(CoarsePictures):
    """Pictures of which nothing coarser is made, as a network that sees colours takes them; grey ones have three equal.

    Examples of (pictures (B, 3, h, w) from 0 to 1, target).
    """

    def __init__(self, load: Load, targets: Tensor, window: tuple[int, int] | None, changes: Sequence[str]):
        super().__init__(load, targets, 1, False, window, changes)

    def seen(self, coarse: Tensor) -> Tensor:
        planes = coarse.permute(0, 3, 1, 2).float() / 255
        return planes.expand(-1, 3, -1, -1).contiguous()  # (B, 3, h, w)


class ManyWindows:
    """Every picture several times an epoch, another window each time.

    Args:
        examples: With windows.
        times: How often each is shown.
    """

    def __init__(self, examples: CoarsePictures, times: int):
        self.examples, self.times = examples, times

    def __len__(self) -> int:
        return len(self.examples) * self.times

    def batch(self, indices: Tensor) -> Batch:
        """Windows of the pictures at `indices`, each modulo their number."""
        return self.examples.batch(indices % len(self.examples))

    def to(self, device: torch.device) -> "ManyWindows":
        return ManyWindows(self.examples.to(device), self.times)
