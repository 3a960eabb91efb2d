"""The bytes of a sound file → a waveform: WAV, FLAC, OGG and MP3 by soundfile, plain WAV by Python alone.

Judged by its header before anything is unpacked, so that an hour of sound costs a sentence and no memory. This very
file is a part of `deploy/runtime` too.
"""

import io
import wave
from dataclasses import dataclass
from typing import Any

import numpy as np

FORMS = "WAV, FLAC, OGG or MP3"
LEAST_RATE, MOST_RATE = 1_000, 400_000  # samples per second of any sound that somebody could mean
MOST_CHANNELS = 64
FULL = 0.999  # of the largest number: a sample this loud is at the end of the scale
PLAIN = "RIFF"  # how a WAV begins


@dataclass(frozen=True)
class Waveform:
    """A sound: `samples` (n,) float32 between -1 and 1, one channel, and how many of them there are per second."""

    samples: np.ndarray
    sample_rate: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.sample_rate

    @property
    def clipped(self) -> float:
        """The share of its samples that lie at the end of the scale: of a good recording next to none."""
        return float((np.abs(self.samples) >= FULL).mean())

    @property
    def is_silent(self) -> bool:
        """Whether it is the same number throughout."""
        return bool(np.ptp(self.samples) == 0)


def decoded(content: bytes, most_seconds: float) -> Waveform:
    """The sound in a file; several channels become their mean.

    Args:
        content: Of the file.
        most_seconds: That it may last.

    Raises:
        ValueError: If it is no sound, damaged, empty or longer.
    """
    if not content:
        raise ValueError("the file is empty")
    try:
        import soundfile
    except ImportError:
        return _plain(content, most_seconds)
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            _require_sane(file.samplerate, file.channels, file.frames, most_seconds)
            most = int(most_seconds * file.samplerate) + 1
            samples = file.read(most, dtype="float32", always_2d=True)
            rate = file.samplerate
    except soundfile.LibsndfileError as error:
        reason = str(error.error_string).rstrip(".")[:100]
        raise ValueError(f"no sound that can be read: expected {FORMS} ({reason})") from None
    return _checked(samples, rate)


def _plain(content: bytes, most_seconds: float) -> Waveform:
    """A WAV of whole numbers, read without soundfile."""
    if not content.startswith(PLAIN.encode()):
        raise ValueError(
            f"expected {FORMS}; without the package soundfile only plain WAV is read: pip install 'deepglass[audio]'"
        )
    try:
        with wave.open(io.BytesIO(content)) as file:
            _require_sane(file.getframerate(), file.getnchannels(), file.getnframes(), most_seconds)
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        reason = str(error) or "it ends too early"
        raise ValueError(f"no plain WAV ({reason}): pip install 'deepglass[audio]' reads more forms") from None
    return _checked(_numbers(data, width).reshape(-1, channels), rate)


def _numbers(data: bytes, width: int) -> np.ndarray:
    """Whole numbers of 1 to 4 bytes as shares of the largest; those of one byte lie around 128."""
    raw = np.frombuffer(data[: len(data) // width * width], np.uint8).reshape(-1, width)
    if width == 1:
        return (raw[:, 0].astype(np.float32) - 128) / 128
    wide = np.zeros((len(raw), 4), np.uint8)
    wide[:, 4 - width :] = raw
    return wide.view("<i4")[:, 0].astype(np.float32) / 2**31


def _require_sane(rate: int, channels: int, count: int, most_seconds: float) -> None:
    if not LEAST_RATE <= rate <= MOST_RATE or channels > MOST_CHANNELS:
        raise ValueError(f"its header says {rate:,} samples per second in {channels} channels, which no recording has")
    if count > most_seconds * rate:
        raise ValueError(f"{count / rate:,.1f} seconds long, expected at most {most_seconds:g}: cut it into parts")


def _checked(samples: Any, rate: int) -> Waveform:
    if not len(samples):
        raise ValueError("it holds no samples")
    mono = samples.mean(axis=1, dtype=np.float32)
    if not np.isfinite(mono).all():
        raise ValueError("some of its samples are not numbers")
    return Waveform(mono, rate)
