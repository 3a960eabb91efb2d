"""Sounds: raw log-mel frames, made by the small runtime; standardised here, where also the end of each is told."""

import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.core.mel import BEHIND, HOP_SECONDS
from deepglass.data.ragged_frames import MULTIPLE, RaggedFrames
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec, keep

LENGTHS = "lengths"


class Part(InputPart):
    """frames (B, T, M) float32, `BEHIND` behind the end → standardised frames (B, T, M) and lengths (B,)."""

    def __init__(self, task: Any):
        super().__init__(task)
        self.column, self.audio = task.inputs.column, task.inputs.preprocessor
        keep(self, "mean", self.audio.mean)
        keep(self, "std", self.audio.std)
        longest = -(-int(self.audio.max_seconds / HOP_SECONDS + 1) // MULTIPLE)
        self.specs = [Spec("frames", torch.float32, ("batch", "eighths", MULTIPLE, self.audio.num_bands))]
        self.sizes = {"eighths": (2, max(2, longest))}

    def forward(self, given: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Context]:
        raw = given["frames"].flatten(1, 2)  # (B, T, M)
        is_sound = raw[:, :, 0] > BEHIND / 2  # (B, T)
        lengths = is_sound.sum(dim=1)
        there = is_sound.unsqueeze(2).to(raw.dtype)
        frames = raw * there
        if self.audio.removes_mean:
            frames = frames - frames.sum(dim=1, keepdim=True) / lengths.clamp(min=1).view(-1, 1, 1)
        frames = (frames - self.mean.to(raw.dtype)) / self.std.to(raw.dtype) * there  # type: ignore[operator]
        return (frames, lengths), {LENGTHS: lengths}

    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        eighths = sizes.get("eighths", self.specs[0].shape[1])
        frames = torch.randn(batch, eighths, MULTIPLE, self.audio.num_bands, generator=generator) - 8  # type: ignore[arg-type]
        frames[0, 1:] = BEHIND  # a short sound among longer ones
        return (frames,)

    def raw(self, examples: RaggedFrames, data: Any, rows: np.ndarray) -> Any:
        """The same sounds, their standardisation undone; what was taken off of each matters to none of both."""
        return _Raw(examples, np.array(self.audio.mean, np.float32), np.array(self.audio.std, np.float32))

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        audio = self.audio
        tensor = {"tensor": "frames", "datatype": "FP32", "shape": [-1, -1, MULTIPLE, audio.num_bands]}
        facts = {"sample_rate": audio.sample_rate, "num_bands": audio.num_bands, "max_seconds": audio.max_seconds}
        return [{"name": self.column, "kind": "audio", **tensor, **facts, "statistics": statistics.get(self.column)}]


class _Raw(RaggedFrames):
    """Sounds as the graph takes them."""

    def __init__(self, examples: RaggedFrames, mean: np.ndarray, std: np.ndarray):
        super().__init__(examples.frames, examples.lengths, examples.targets)
        self.mean, self.std = torch.from_numpy(mean), torch.from_numpy(std)

    def batch(self, indices: Tensor) -> tuple[Tensor, ...]:
        frames, lengths, *targets = super().batch(indices)
        T = max(2 * MULTIPLE, frames.shape[1])
        raw = torch.full((len(frames), T, frames.shape[2]), BEHIND)
        for row, one, length in zip(raw, frames, lengths.tolist()):
            row[:length] = one[:length] * self.std + self.mean
        return raw.unflatten(1, (-1, MULTIPLE)), *targets

    def to(self, device: torch.device) -> "_Raw":
        return copy.copy(self)
