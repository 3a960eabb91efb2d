"""Sound files → log-mel frames (B, T / 8, 8, M): read, one channel, the rate of training, bands.

The bytes of a file, base64 text, or samples between -1 and 1 at the rate of training. What lies behind the end of a
sound is `BEHIND`; the graph standardises the rest.
"""

from typing import Any

import numpy as np

from .errors import InputError
from .mel import BEHIND, HOP_SECONDS, log_mel, resampled
from .pictures import from_base64
from .records import Wanted, while_wanted
from .sound_files import Waveform, decoded

MULTIPLE = 8  # frames that stand together in the tensor
LEAST = 2  # of these in a tensor
QUICK_BYTES = 4_096  # of a file, read in a third of a millisecond


class Sounds:
    """Encodes sounds.

    Args:
        described: The input, with name, tensor, sample_rate, num_bands and max_seconds.
    """

    def __init__(self, described: dict[str, Any]):
        self.name, self.tensor = described["name"], described["tensor"]
        self.sample_rate, self.num_bands = described["sample_rate"], described["num_bands"]
        self.max_seconds = described["max_seconds"]

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        return self.inspect(records).encode(lambda: True)

    def inspect(self, records: list[Any]) -> "Inspected":
        """Read every sound.

        Raises:
            InputError: If a record is not a sound, or one is too long.
        """
        sounds = []
        for number, record in enumerate(records, 1):
            try:
                sounds.append(self._sound(record))
            except ValueError as error:
                raise InputError(self.name, str(error), number) from None
        return Inspected(self, sounds)

    def frames(self, sound: Waveform) -> np.ndarray:
        """(T, M) log-mel frames."""
        return log_mel(resampled(sound.samples, sound.sample_rate, self.sample_rate), self.sample_rate, self.num_bands)

    def padded(self, sounds: list[np.ndarray]) -> dict[str, np.ndarray]:
        """Frames of several sounds as one tensor."""
        longest = max(LEAST, *(-(-len(one) // MULTIPLE) for one in sounds))
        frames = np.full((len(sounds), longest * MULTIPLE, self.num_bands), BEHIND, np.float32)
        for row, one in zip(frames, sounds, strict=True):
            row[: len(one)] = one
        return {self.tensor: frames.reshape(len(sounds), longest, MULTIPLE, self.num_bands)}

    def _sound(self, record: Any) -> Waveform:
        content = record.get(self.name) if isinstance(record, dict) else record
        if isinstance(content, str):
            content = from_base64(content)
        if isinstance(content, bytes | bytearray):
            return decoded(bytes(content), self.max_seconds)
        if not isinstance(content, list | np.ndarray):
            raise ValueError(f"expected the bytes of a sound file, base64 or samples, got {type(content).__name__}")
        try:
            samples = np.asarray(content, np.float32)
        except (TypeError, ValueError):
            raise ValueError("expected a list of numbers between -1 and 1, got others") from None
        if samples.ndim != 1 or not len(samples) or not np.isfinite(samples).all() or np.abs(samples).max() > 1:
            raise ValueError("expected a list of numbers between -1 and 1, got others")
        if len(samples) > self.max_seconds * self.sample_rate:
            raise ValueError(f"{len(samples) / self.sample_rate:,.1f} seconds, expected at most {self.max_seconds:g}")
        return Waveform(samples, self.sample_rate)


class Inspected:
    """Sounds that were read, not yet made to frames."""

    pixels = 0

    def __init__(self, encoder: Sounds, sounds: list[Waveform]):
        self.encoder, self.sounds = encoder, sounds
        self.notes: list[dict[str, Any]] = []
        longest = max((sound.seconds for sound in sounds), default=0.0)
        self.nbytes = int(4 * len(sounds) * encoder.num_bands * (longest / HOP_SECONDS + LEAST * MULTIPLE))
        self.is_quick = sum(len(sound.samples) for sound in sounds) <= QUICK_BYTES

    def encode(self, is_wanted: Wanted) -> dict[str, np.ndarray]:
        frames = [self.encoder.frames(sound) for sound in while_wanted(self.sounds, is_wanted)]
        return self.encoder.padded(frames)
