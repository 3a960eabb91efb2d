"""Sounds as a table: one per row, with what is known of each beside it; the files are read when they are asked for."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from deepglass.core.errors import DataError
from deepglass.core.sound_files import Waveform, decoded
from deepglass.data.containers import Table
from deepglass.data.reading.decode import raise_together

FILE = "file"  # the column of files, where no table names it
WORKERS = 4  # threads that unpack files


@dataclass
class SoundTable(Table):
    """Rows that have a sound each.

    Attributes:
        column: Of the frame, which names the sounds: paths, or keys of `waves`.
        waves: The sounds that are held in memory, by name.
    """

    column: str = FILE
    waves: dict[str, Waveform] = field(default_factory=dict)

    def names(self, rows: np.ndarray) -> list[str]:
        """What names each of these rows."""
        return [str(name) for name in self.frame[self.column].iloc[rows]]

    def waveform(self, name: str, most_seconds: float) -> Waveform:
        """One sound.

        Raises:
            DataError: If its file is missing, broken or longer; names it.
        """
        if name in self.waves:
            return self.waves[name]
        try:
            return decoded(Path(name).read_bytes(), most_seconds)
        except FileNotFoundError:
            raise DataError(f"{name}: no such file") from None
        except OSError as error:
            raise DataError(f"{name}: {error.strerror or error}") from None
        except ValueError as error:
            raise DataError(f"{name}: {error}") from None

    def waveforms(self, rows: np.ndarray, most_seconds: float) -> Iterator[Waveform]:
        """The sounds of these rows, in their order.

        Raises:
            DataError: If some are broken or longer; names the first few.
        """
        broken: list[str] = []

        def attempt(name: str) -> Waveform | None:
            try:
                return self.waveform(name, most_seconds)
            except DataError as error:
                broken.append(str(error))
                return None

        with ThreadPoolExecutor(WORKERS) as pool:
            for found in pool.map(attempt, self.names(rows)):
                if found is not None:
                    yield found
        raise_together(sorted(broken), "sound")
