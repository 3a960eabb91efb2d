"""Other ways to say the same: a training sound is changed a little every time it is heard, as frames (T, M).

    speed      faster or slower by a fifth: frames are read off closer together or farther apart
    voice      a shorter or longer throat: all bands move up or down by a share of their pitch
    level      louder or softer, and brighter or duller, as another room and microphone are
    mask       a few frames and a few bands are silent, so that no single moment decides
    noise      a little of it in every frame

References:
    Ko et al. (2015), Audio augmentation for speech recognition, https://doi.org/10.21437/Interspeech.2015-711 (speed)
    Jaitly & Hinton (2013), Vocal Tract Length Perturbation (VTLP) improves speech recognition (voice)
    Park et al. (2019), SpecAugment, https://arxiv.org/abs/1904.08779 (mask)
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

FASTEST = 1.25
DEEPEST, HIGHEST = 0.85, 1.18  # of a voice, as shares of its pitch; grown people differ by about so much
LEVEL, TILT = 0.3, 0.3  # deviations, in those of the frames
MASKED_FRAMES, MASKED_BANDS = 6, 8  # at most; of a word of half a second and of 40 bands
MASK_SHARE = 0.5  # of the sounds
NOISE = 0.1  # deviations
LEAST_FRAMES = 8  # that speed leaves


def speed(frames: Tensor) -> Tensor:
    """Resampled in time."""
    T = len(frames)
    rate = _between(1 / FASTEST, FASTEST)
    count = max(min(T, LEAST_FRAMES), round(T / rate))
    return _read_off(frames, torch.linspace(0, T - 1, count))


def voice(frames: Tensor) -> Tensor:
    """Every band is read off where a throat of another length would have made it."""
    bands = torch.arange(frames.shape[1]) * _between(DEEPEST, HIGHEST)
    return _read_off(frames.T, bands.clamp(max=frames.shape[1] - 1)).T


def level(frames: Tensor) -> Tensor:
    """A constant in the logarithm is a factor of loudness; a slope over the bands is a brighter or duller room."""
    slope = torch.linspace(-1, 1, frames.shape[1])
    return frames + LEVEL * torch.randn(()) + TILT * torch.randn(()) * slope


def mask(frames: Tensor) -> Tensor:
    """Of every second sound some frames, of every second some bands, take the mean of training, which is 0."""
    frames = frames.clone()
    for side, most in ((frames, MASKED_FRAMES), (frames.T, MASKED_BANDS)):
        width = min(int(torch.randint(1, most + 1, ())), len(side) // 4)
        if torch.rand(()) < MASK_SHARE:
            start = int(torch.randint(0, len(side) - width + 1, ()))
            side[start : start + width] = 0
    return frames


def noise(frames: Tensor) -> Tensor:
    """A little of it."""
    return frames + NOISE * torch.randn_like(frames)


CHANGES: dict[str, Callable[[Tensor], Tensor]] = {
    "speed": speed, "voice": voice, "level": level, "mask": mask, "noise": noise,
}  # fmt: skip


def changed(frames: Tensor, names: Sequence[str]) -> Tensor:
    """Frames (T, M) after the changes of these names; a change of speed gives another T."""
    for name in names:
        frames = CHANGES[name](frames)
    return frames


def _between(low: float, high: float) -> float:
    return float(low + (high - low) * torch.rand(()))


def _read_off(rows: Tensor, places: Tensor) -> Tensor:
    """Rows at places between them, as weighted means of both neighbours."""
    below = places.floor().long().clamp(0, len(rows) - 1)
    above = (below + 1).clamp(max=len(rows) - 1)
    share = (places - below).unsqueeze(1)
    return rows[below] * (1 - share) + rows[above] * share
