"""A sound: (B, T / 8, 8, M) log-mel frames; files are read by `sound_files.py`, with soundfile where it is there."""

import base64
import io
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BodyError
from ..limits import Limits
from ..mel import BEHIND, HOP_SECONDS
from ..state import require_between
from . import Field as Base
from . import Input, Json
from .image import TEXT
from .image import Field as Picture

MOST_RATE, MOST_BANDS, MOST_SECONDS = 400_000, 512, 100_000.0  # of a model that anybody could mean
MULTIPLE = 8


@dataclass(frozen=True)
class Description(Input):
    """The rate to which sounds are brought, the mel bands, and how long a sound may be."""

    sample_rate: int = 0
    num_bands: int = 0
    max_seconds: float = 0.0


class Field(Base):
    """The bytes of a file, base64 text, or samples between -1 and 1."""

    Description = Description
    FILES = ("audio/",)
    FORMS = ("audio/wav", "audio/flac")
    IS_HEAVY = True
    EXAMPLE = ("sound.wav", 'open("sound.wav", "rb").read()')
    from_json = Picture.from_json  # taken out of its object and out of {"b64": …}

    def require(self) -> Description:
        one = super().require()
        require_between(one.sample_rate, 1_000, MOST_RATE, "samples per second")
        require_between(one.num_bands, 1, MOST_BANDS, "mel bands")
        require_between(one.max_seconds, 0.01, MOST_SECONDS, "seconds of a sound")
        return one

    def encoder(self, tokens: Json, limits: Limits | None) -> Any:
        from ..sounds import Sounds

        return Sounds(self.described)

    def packages(self, tokens: Json) -> tuple[str, ...]:
        return ("soundfile",)

    def from_argument(self, argument: str, read_table: Callable[[Path], list[Any]]) -> list[Any]:
        return [Path(argument).read_bytes()]

    def typical(self) -> str:
        """A third of a second of silence in base64."""
        file = io.BytesIO()
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(self.described["sample_rate"])
            sound.writeframes(bytes(2 * (self.described["sample_rate"] // 3)))
        return base64.b64encode(file.getvalue()).decode()

    def cell_schema(self, is_open: bool) -> Json:
        in_object = {"type": "object", "properties": {"b64": TEXT}, "required": ["b64"]}
        return {"anyOf": [TEXT, in_object, {"type": "array", "items": {"type": "number"}}]}

    def record_schema(self, is_open: bool) -> Json:
        return {"anyOf": [super().record_schema(is_open), TEXT]}

    def most_rows(self, limits: Limits) -> int:
        return max(1, limits.max_body_bytes // (4 * 2 * MULTIPLE * self.described["num_bands"]))

    def check_shape(self, shape: list[int], limits: Limits) -> None:
        """Hold the length of sounds to what the model takes.

        Raises:
            BodyError: 422 if one is longer.
        """
        name, longest = self.described["tensor"], self.described["max_seconds"]
        if shape[1] * MULTIPLE * HOP_SECONDS > longest + 2 * MULTIPLE * HOP_SECONDS:
            raise BodyError(f"{name}: {shape[1] * MULTIPLE:,} frames, the model takes {longest:g} seconds", 422, name)

    def length(self, array: np.ndarray) -> int:
        return array.shape[1]

    def lane(self, array: np.ndarray) -> tuple[int, ...]:
        """Sounds need only be of similar length: within a power of two at most half of a row is padding."""
        return (array.shape[1] - 1).bit_length(), *array.shape[2:]

    def joined(self, arrays: list[np.ndarray]) -> np.ndarray:
        longest = max(array.shape[1] for array in arrays)
        widths = [((0, 0), (0, longest - array.shape[1]), (0, 0), (0, 0)) for array in arrays]
        return np.concatenate([np.pad(a, width, constant_values=BEHIND) for a, width in zip(arrays, widths)])

    def watched(self, array: np.ndarray, column: int) -> np.ndarray:
        """The length of each in frames."""
        return (array[..., 0] > BEHIND / 2).sum(axis=(1, 2)).astype(float)

    def form(self) -> Json:
        return {"ask": "file", "what": "sound", "accept": "audio/*", "example": ["sound.wav", "audio/wav"]}
