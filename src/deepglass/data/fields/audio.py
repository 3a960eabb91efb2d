"""Sounds as inputs: log-mel frames, a hundred per second, as many as the sound is long.

file ── waveform ── one sample rate ── mel bands ── standardised ── frames (B, T, M) and lengths (B,)
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from deepglass.core import data_uri, files
from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.sound_files import Waveform, decoded
from deepglass.core.state import read
from deepglass.core.wording import counted, listing
from deepglass.data import fingerprints, statistics
from deepglass.data.augment.sound import CHANGES, changed
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Layout, Table
from deepglass.data.examples import Examples
from deepglass.data.fields import AnswerField, InputField, Part
from deepglass.data.fields.columns import groups_of
from deepglass.data.preprocess.audio import Audio
from deepglass.data.ragged_frames import RaggedFrames
from deepglass.data.reading import source
from deepglass.data.reading.listing import SOUNDS
from deepglass.data.reading.opening import suffix
from deepglass.data.reading.sounds import read_sounds
from deepglass.data.sound_table import FILE, SoundTable
from deepglass.data.splits import Splits

READS = ("sounds", "speech")  # kinds of layouts
MOST_RATE = 16_000  # samples per second that are usual: speech has hardly anything above 8 kHz
LEAST_RATE, MOST_ASKED = 2_000, 192_000
PROBED = 100  # sounds whose sample rates are looked at
FEWEST = 5  # sounds that can be divided
SHOWN_HEIGHT = 80  # pixels of a spectrogram in the report
CLIPPED = 0.001  # share of samples at the end of the scale from which on a recording was too loud
SHORT_FRAMES = 16  # of a sound that a network is tried with


@dataclass(frozen=True)
class Options:
    """Settings of sounds as inputs."""

    sample_rate: int | None = None  # per second, to which all are brought; that of most, at most 16,000
    num_bands: int = 40  # mel bands: usual for speech of 8 kHz; 80 for more
    max_seconds: float = 30.0  # longer sounds are refused, so that one file does not fill the memory
    centre: bool = False  # take the mean of each sound off, which is its microphone and room; not of a steady hum
    augment: str | None = None  # speed, voice, level, mask, noise by commas, or none


class Field(InputField):
    """Sounds of any length."""

    name = "audio"
    SETTINGS = Options
    sizes_of_answer = ("num_classes",)
    options: Options
    preprocessor: Audio
    augmentations: list[str] | None = None  # until it is fitted, those that the options ask for
    column: str = FILE

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """Layouts of sounds, or sounds that were read."""
        return isinstance(data, SoundTable) or (isinstance(data, Layout) and data.kind in READS)

    # -- learning from the training data ------------------------------------------------------------------------

    def as_source(self, data: Data) -> SoundTable:
        """A table with a sound in each row.

        Raises:
            DataError: If the data are something else.
        """
        if isinstance(data, Layout) and data.kind in READS:
            return read_sounds(data, self.data_config)
        if not isinstance(data, SoundTable):
            raise DataError(
                f"{data.name} holds no sounds: expected a folder of .wav, .flac, .ogg or .mp3 files for each class, "
                "texts of the same names beside them, or a table with a column of such files"
            )
        return data

    def take(self, data: SoundTable) -> list[Guess]:
        """Note which column names the sounds.

        Raises:
            OptionError: If an option is out of its range.
        """
        self.column = data.column
        self._require_options()
        return []

    def keep_usable(self, data: SoundTable, answer: AnswerField) -> list[Guess]:
        """Every sound is needed; broken ones are named when they are read.

        Raises:
            DataError: If there are too few of them to be divided.
        """
        if len(data.frame) < FEWEST:
            raise DataError(
                f"{data.name} has {counted(len(data.frame), 'sound')}: expected at least {FEWEST}, to learn from, to "
                "choose by and to test with; add some"
            )
        return []

    def count(self, data: SoundTable) -> int:
        return len(data.frame)

    def groups(self, data: SoundTable) -> np.ndarray | None:
        """By the column of `--group-column`, such as who speaks."""
        return groups_of(data, self.data_config)

    def fit(self, data: SoundTable, splits: Splits, answer: AnswerField) -> list[Guess]:
        """The sample rate, and mean and deviation of each band over the training sounds.

        Raises:
            DataError: If a sound is broken, or longer than `--max-seconds`; names it.
            OptionError: If an option is out of its range.
        """
        rate, guesses = self._rate(data, splits["train"])
        blank = [0.0] * self.options.num_bands
        audio = Audio(rate, self.options.num_bands, self.options.max_seconds, blank, blank, self.options.centre)
        self.preprocessor = audio.fitted_on(data.waveforms(splits["train"], audio.max_seconds))
        self.augmentations = self._augmentations()
        if self.options.augment is None:
            why = "as other voices, rooms and moments would sound"
            guesses.append(Guess("augment", ", ".join(self.augmentations), why, "--augment"))
        return guesses

    def examples(self, data: SoundTable, parts: Mapping[str, Part], answer: AnswerField) -> dict[str, Examples]:
        """Frames of all sounds, held in memory."""
        change = partial(changed, names=self.augmentations) if self.augmentations else None
        return {
            name: self._examples(data, part, change if part.is_training and change else None)
            for name, part in parts.items()
        }

    def observe(self, data: SoundTable, splits: Splits, examples: Mapping[str, Examples], is_bag: bool) -> None:
        """How long the training sounds are."""
        lengths = examples["train"].lengths.numpy().astype(np.float64)  # type: ignore[attr-defined]
        self.statistics = {self.column: statistics.of_numbers(lengths)}

    def remarks(self, data: SoundTable, rows: np.ndarray) -> list[str]:
        """Sounds that are silent, or were recorded too loud."""
        sounds = [*zip(data.names(rows), data.waveforms(rows, self.preprocessor.max_seconds))]
        return remarks_on(sounds)

    # -- what a network must know -------------------------------------------------------------------------------

    @property
    def dims(self) -> dict[str, Any]:
        """Mel bands."""
        return {"num_bands": self.preprocessor.num_bands}

    def extremes(self) -> tuple[Tensor, ...]:
        """A short sound and a longer one."""
        return torch.zeros(2, SHORT_FRAMES, self.preprocessor.num_bands), torch.tensor([1, SHORT_FRAMES])

    @property
    def augments(self) -> bool:
        """Whether training sounds are changed.

        Raises:
            OptionError: If a change that is asked for does not exist.
        """
        return bool(self._augmentations() if self.augmentations is None else self.augmentations)

    def disable_augmentation(self, train: Examples) -> None:
        """Give every training sound as it is."""
        self.augmentations, train.change = [], None  # type: ignore[attr-defined]

    # -- data that come later -----------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """How sounds are read, and how long those of training were."""
        return {"sound_column": self.column, "audio": vars(self.preprocessor), "statistics": self.statistics}

    def load_state(self, state: dict[str, Any]) -> None:
        self.column = read(state, "sound_column", str)
        self.preprocessor = Audio.from_state(read(state, "audio", Any))
        self.augmentations = []
        self.statistics = statistics.read_back(state)

    def open(self, inputs: Any, *, with_target: bool) -> SoundTable:
        """Sounds from files, folders, tables, bytes, or arrays of samples at the rate of the training.

        Raises:
            DataError: If they are something else.
        """
        if isinstance(inputs, SoundTable | Layout):
            return self.as_source(inputs)
        if isinstance(inputs, str | Path):
            return self._named(Path(inputs).expanduser())
        if isinstance(inputs, pd.DataFrame):
            return self._of_rows(inputs)
        if isinstance(inputs, list | tuple) and inputs and all(isinstance(one, dict) for one in inputs):
            return self._of_rows(pd.DataFrame(list(inputs)))
        given = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
        if not given:
            raise DataError("no sound was given: expected files, bytes of files, or arrays of samples")
        return self._given(given)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[SoundTable, np.ndarray, dict[str, Any]]:
        """As opened; of each its name and how many seconds it lasts are known."""
        table = self.open(inputs, with_target=with_target)
        rows = np.arange(len(table.frame))
        return table, rows, {self.column: table.names(rows)}

    def fingerprints(self, data: SoundTable) -> np.ndarray | None:
        """Of every sound, its samples or the ends of its file."""
        return fingerprints.of_sounds(data)

    def unused_options(self, asked: Mapping[str, Any], data: Data, answer: AnswerField) -> Iterator[Unused]:
        """Groups, where the data are divided already."""
        if "group_column" in asked and {"train", "val", "test"} <= self.as_source(data).splits.keys():
            yield Unused("group_column", "the data are divided already")

    def shown(self, data: SoundTable, row: int, answer: AnswerField) -> dict[str, Any]:
        """Its name and its spectrogram, low pitches at the bottom."""
        [name] = data.names(np.array([row]))
        frames = self.preprocessor.raw(data.waveform(name, self.preprocessor.max_seconds))
        return {"row": row, "text": Path(name).name, "image": data_uri.of_image(spectrogram(frames))}

    # -- helpers ------------------------------------------------------------------------------------------------

    def _require_options(self) -> None:
        options = self.options
        if options.sample_rate is not None and not LEAST_RATE <= options.sample_rate <= MOST_ASKED:
            raise OptionError(f"--sample-rate: expected {LEAST_RATE:,} to {MOST_ASKED:,}, got {options.sample_rate}")
        if not 8 <= options.num_bands <= 128:
            raise OptionError(f"--num-bands: expected 8 to 128, got {options.num_bands}")
        if not 0.1 <= options.max_seconds <= 600:
            raise OptionError(f"--max-seconds: expected 0.1 to 600, got {options.max_seconds:g}")
        self._augmentations()

    def _augmentations(self) -> list[str]:
        """The names, checked."""
        asked = self.options.augment
        if asked is None:
            return list(CHANGES)
        names = [] if asked == "none" else [name.strip() for name in asked.split(",") if name.strip()]
        if unknown := [name for name in names if name not in CHANGES]:
            raise OptionError(f"--augment: expected {listing(CHANGES, 10)} by commas, or none, got {unknown[0]!r}")
        return names

    def _rate(self, data: SoundTable, rows: np.ndarray) -> tuple[int, list[Guess]]:
        if self.options.sample_rate is not None:
            return self.options.sample_rate, []
        probed = rows[np.linspace(0, len(rows) - 1, min(PROBED, len(rows))).astype(int)]
        rates = [sound.sample_rate for sound in data.waveforms(probed, self.options.max_seconds)]
        usual = int(np.median(rates))
        rate = max(LEAST_RATE, min(usual, MOST_RATE))
        why = "that of most sounds" if rate == usual else f"most have {usual:,}, of which speech needs no more"
        return rate, [Guess("sample rate", f"{rate:,}", why, "--sample-rate")]

    def _examples(self, data: SoundTable, part: Part, change: Any) -> RaggedFrames:
        frames = [self.preprocessor.frames(sound) for sound in data.waveforms(part.rows, self.preprocessor.max_seconds)]
        lengths = torch.tensor([len(one) for one in frames], dtype=torch.int64)
        blank = np.zeros((0, self.preprocessor.num_bands), np.float32)
        joined = torch.from_numpy(np.concatenate([blank, *frames]))
        return RaggedFrames(joined, lengths, part.targets, change)

    def _named(self, path: Path) -> SoundTable:
        """One file of a sound, or whatever else holds sounds."""
        if suffix(path) in SOUNDS and files.is_file(path):
            return self._table([str(path)])
        data = source.read(str(path), self.data_config.for_new_data(), follow=("sound",))
        if isinstance(data, Table) and not isinstance(data, SoundTable) and self.column in data.frame:
            return self._of_rows(data.frame, path.parent)
        return self.as_source(data)

    def _of_rows(self, frame: pd.DataFrame, folder: Path = Path()) -> SoundTable:
        """Rows whose column names files, relative to a folder."""
        if self.column not in frame:
            raise DataError(f"expected the column {self.column!r} with files of sounds, got {listing(frame.columns)}")
        if bad := [cell for cell in frame[self.column] if not isinstance(cell, str | Path) or not str(cell).strip()]:
            raise DataError(f"column {self.column!r} holds {str(bad[0])!r}: expected the path of a sound")
        paths = [str(folder / str(cell)) for cell in frame[self.column]]
        return SoundTable(frame.assign(**{self.column: paths}).reset_index(drop=True), "records", column=self.column)

    def _given(self, given: list[Any]) -> SoundTable:
        """Paths, bytes and arrays, in any mixture."""
        names, waves = [], {}
        for place, one in enumerate(given):
            if isinstance(one, str | Path) and str(one).strip():
                names.append(str(Path(one).expanduser()))
                continue
            names.append(f"sound {place + 1}")
            waves[names[-1]] = self._wave(one, names[-1])
        table = self._table(names)
        table.waves = waves
        return table

    def _wave(self, one: Any, name: str) -> Waveform:
        if isinstance(one, bytes | bytearray | io.BytesIO):
            content = one.getvalue() if isinstance(one, io.BytesIO) else bytes(one)
            try:
                return decoded(content, self.preprocessor.max_seconds)
            except ValueError as error:
                raise DataError(f"{name}: {error}") from None
        if isinstance(one, Waveform):
            return one
        try:
            samples = np.asarray(one, np.float32)
        except (TypeError, ValueError):
            samples = np.zeros(0)
        if samples.ndim != 1 or len(samples) < 2 or not np.isfinite(samples).all() or np.abs(samples).max() > 1:
            raise DataError(
                f"{name}: expected a file, its bytes, or samples between -1 and 1 at {self.preprocessor.sample_rate:,} "
                f"per second, got {type(one).__name__}"
            )
        return Waveform(samples, self.preprocessor.sample_rate)

    def _table(self, names: list[str]) -> SoundTable:
        return SoundTable(pd.DataFrame({self.column: names}), "sounds", column=self.column)


def remarks_on(sounds: list[tuple[str, Waveform]]) -> list[str]:
    """What is odd about sounds, a sentence for each kind of oddity.

    Args:
        sounds: Their names and themselves.
    """
    said = []
    if silent := [Path(name).name for name, sound in sounds if sound.is_silent]:
        said.append(f"{counted(len(silent), 'sound')} without any sound in it ({listing(silent)}): record it again")
    if loud := [Path(name).name for name, sound in sounds if sound.clipped > CLIPPED and not sound.is_silent]:
        said.append(
            f"{counted(len(loud), 'sound')} recorded too loud, so that its peaks are cut off ({listing(loud)}): "
            "record it softer where you can"
        )
    return said


def spectrogram(frames: np.ndarray) -> Any:
    """Frames (T, M) as a grey picture: time to the right, low pitches at the bottom, loud is dark."""
    from PIL import Image

    low, high = np.quantile(frames, [0.05, 0.995])
    shades = 255 - 255 * ((frames - low) / max(high - low, 1e-6)).clip(0, 1)
    image = Image.fromarray(shades.T[::-1].round().astype(np.uint8))
    return image.resize((max(1, len(frames) * SHOWN_HEIGHT // frames.shape[1]), SHOWN_HEIGHT))
