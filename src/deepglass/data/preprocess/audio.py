"""How sounds become what a network sees: one sample rate, mel frames, the mean and the deviation of each band.

    waveform ── resampled ── log-mel frames (T, M) ── its own mean taken off ── divided by the deviation of training

The mean over a whole sound is its microphone, its room and its distance, which say nothing of what was said.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.core.mel import log_mel, resampled
from deepglass.core.sound_files import Waveform
from deepglass.core.state import build, require, require_between

LEAST_DEVIATION = 1e-3  # of a band that is silent throughout training


@dataclass(frozen=True)
class Audio:
    """A fitted preprocessing.

    Attributes:
        sample_rate: To which every sound is brought, per second.
        num_bands: Mel bands M.
        max_seconds: That a sound may last.
        mean, std: (M,) of the frames of training, after the mean of each sound was taken off.
        removes_mean: Whether it is.
    """

    sample_rate: int
    num_bands: int
    max_seconds: float
    mean: list[float]
    std: list[float]
    removes_mean: bool = True

    @classmethod
    def from_state(cls, state: Any) -> "Audio":
        """Read back, checked.

        Raises:
            ValueError: If it does not fit.
        """
        found = build(cls, state)
        require_between(found.sample_rate, 1_000, 400_000, "samples per second")
        require_between(found.num_bands, 4, 512, "mel bands")
        require_between(found.max_seconds, 0.01, 1e5, "seconds")
        require(len(found.mean) == len(found.std) == found.num_bands, f"{found.num_bands} means and deviations")
        require(min(found.std) > 0, "deviations above 0", min(found.std))
        return found

    def raw(self, sound: Waveform) -> np.ndarray:
        """(T, M) log-mel frames."""
        return log_mel(resampled(sound.samples, sound.sample_rate, self.sample_rate), self.sample_rate, self.num_bands)

    def frames(self, sound: Waveform) -> np.ndarray:
        """(T, M) frames as the network sees them."""
        raw = self.raw(sound)
        raw = raw - raw.mean(axis=0) if self.removes_mean else raw
        return ((raw - np.array(self.mean)) / np.array(self.std)).astype(np.float32)

    def fitted_on(self, sounds: Iterable[Waveform]) -> "Audio":
        """The same with the means and deviations of these sounds."""
        count, total, squares = 0, np.zeros(self.num_bands), np.zeros(self.num_bands)
        for sound in sounds:
            raw = self.raw(sound).astype(np.float64)
            raw = raw - raw.mean(axis=0) if self.removes_mean else raw
            count, total, squares = count + len(raw), total + raw.sum(axis=0), squares + (raw**2).sum(axis=0)
        mean = total / max(1, count)
        std = np.sqrt(np.maximum(squares / max(1, count) - mean**2, 0)).clip(min=LEAST_DEVIATION)
        found = dict(vars(self)) | {"mean": mean.tolist(), "std": std.tolist()}
        return Audio(**found)
