"""Short moving pictures as inputs: one size, one number of frames, one scale; augmented alike in every frame.

    GIF, WebP, folder of frames ── frames, evenly ── one size ── bytes (H, W, T·C) ── augment ── (B, T, C, H, W) float32

Clips are held in memory as pictures whose channels are the frames (`data/clips.py`). A mirrored clip moves the other
way: unless it is asked for, nothing is flipped and nothing is turned.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from deepglass.core import files
from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.data.augment.image import parse
from deepglass.data.clips import Clips, stacked, strip
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Layout
from deepglass.data.examples import Examples, InMemory
from deepglass.data.fields import AnswerField, Part, image
from deepglass.data.fields._shown import as_data_uri
from deepglass.data.preprocess.image import ImagePreprocessor, fit_to
from deepglass.data.preprocess.video import VideoPreprocessor
from deepglass.data.reading import clips as reading
from deepglass.data.reading import source
from deepglass.data.reading.arrays import as_array
from deepglass.data.reading.clips import Form
from deepglass.data.reading.decode import with_channels

READS = ("videos", "captioned videos")  # kinds of layouts
USUAL = ("crop",)  # a shift keeps what moves and where to
MOST_FRAMES = 1_000
GIB = 2**30


@dataclass(frozen=True)
class Options:
    """Settings of clips as inputs."""

    augment: str | None = None  # crop, flip, turn, rotate, zoom, nudge, elastic, colour, erase, or none; else crop
    image_size: int | None = None  # side to scale to; clips of one size up to 64 stay, larger ones become at most 96
    num_frames: int | None = None  # frames of every clip, taken evenly; as the clips have, at most 16
    max_memory: float = 2.0  # GiB that all clips together may take


class Field(image.Field):
    """Clips in animated pictures, folders of frames, or arrays."""

    name = "video"
    SETTINGS = Options
    PREPROCESSOR = VideoPreprocessor
    LOOKED_AT: ClassVar[int] = 200
    options: Options  # type: ignore[assignment]
    preprocessor: VideoPreprocessor

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """Clips, and layouts of animated pictures."""
        return isinstance(data, Clips) or (isinstance(data, Layout) and data.kind in READS)

    # -- learning from the training data ------------------------------------------------------------------------

    def as_source(self, data: Data) -> Clips:
        """The clips, of one size and one number of frames.

        Raises:
            DataError: If the data hold none, or files are broken.
            OptionError: If a size or a number of frames is out of its range.
        """
        self._check_options()
        found = self._clips(data)
        if self.options.image_size or self.options.num_frames:
            found = self._resized(found)
        return found.first(self.data_config.max_rows)

    def _clips(self, data: Data) -> Clips:
        options = self.options
        if isinstance(data, Clips):
            return replace(data)
        if isinstance(data, Layout) and data.kind in READS:
            if data.content is not None:
                return replace(data.content)
            room = options.max_memory * GIB
            return reading.read_clips(data, self.data_config, options.num_frames, options.image_size, room)
        if isinstance(data, Images):
            return reading.of_frames(data, self._form_of_frames)
        what = data.what if isinstance(data, Layout) else "no clips"
        raise DataError(
            f"{data.name} holds {what}: expected animated pictures (GIF) in a folder for each class, or a table of "
            "their files (films such as .mp4 are converted first); or choose another --task"
        )

    def _form_of_frames(self, usual: int, size: tuple[int, int], colours: int) -> Form:
        count = self.options.num_frames or min(usual, reading.USUAL_FRAMES)
        height, width = (self.options.image_size,) * 2 if self.options.image_size else size
        return Form(count, height, width, colours)

    def _resized(self, clips: Clips) -> Clips:
        """Clips that were made and not read, brought to what was asked for."""
        height, width = (self.options.image_size,) * 2 if self.options.image_size else clips.pixels.shape[1:3]  # type: ignore[union-attr]
        count = self.options.num_frames or clips.num_frames
        if (height, width, count) == (*clips.pixels.shape[1:3], clips.num_frames):  # type: ignore[union-attr]
            return clips
        form = Form(count, height, width, clips.colours)
        pixels = np.stack([_formed(clips.frames(row), form) for row in range(len(clips))])
        return replace(clips, pixels=pixels, num_frames=count, channels=count * clips.colours)

    def _check_options(self) -> None:
        if (count := self.options.num_frames) is not None and not 2 <= count <= MOST_FRAMES:
            raise OptionError(f"--num-frames: expected 2 to {MOST_FRAMES:,} frames of a clip, got {count}")
        if (size := self.options.image_size) is not None and size < 4:
            raise OptionError(f"--image-size: expected 4 pixels or more, got {size}")

    def remarks(self, data: Images, rows: np.ndarray) -> list[str]:
        """Clips that were cut down to few of their frames."""
        assert isinstance(data, Clips)
        if data.lengths is None or not (most := int(data.lengths.max(initial=0))) > 2 * data.num_frames:
            return []
        return [
            f"clips of up to {most:,} frames are seen in {data.num_frames} of them: what is quick may fall in between; "
            "take more with --num-frames"
        ]

    # -- what a network must know -------------------------------------------------------------------------------

    @property
    def dims(self) -> dict[str, Any]:
        """Channels of a frame, size, frames, and how many values a clip has."""
        fitted = self.preprocessor
        return {
            "in_channels": fitted.colours,
            "image_size": (fitted.height, fitted.width),
            "num_frames": fitted.num_frames,
            "num_features": fitted.num_values,
        }

    def extremes(self) -> tuple[Tensor, ...]:
        """Two grey clips."""
        fitted = self.preprocessor
        return (torch.zeros(2, fitted.num_frames, fitted.colours, fitted.height, fitted.width),)

    def on_epochs_known(self, epochs: float) -> None:
        """Shifts are kept, however short the training is: there are few clips."""

    # -- data that come later -----------------------------------------------------------------------------------

    def open(self, inputs: Any, *, with_target: bool) -> Any:
        """Clips with what is known of them from a folder or a table; clips alone as they were given.

        Raises:
            DataError: If there are no clips, or a file is broken.
        """
        if not with_target:
            return inputs
        found = source.read(inputs, self._config_of_new, follow=("picture",))
        return self._alike(found)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Images, np.ndarray, dict[str, Any]]:
        """Clips from a file, a folder of frames, a folder of clips, a list of these, a table, or an array (T, H, W, C).

        Raises:
            DataError: If a clip is broken, or there are none.
        """
        if with_target:
            clips = inputs if isinstance(inputs, Clips) else self.open(inputs, with_target=True)
            rows = clips.splits.get("test", np.arange(len(clips)))
            return clips, rows, {"row": rows.tolist()}
        clips = self._of_inputs(inputs)
        named = {"file": clips.names} if clips.names is not None else {"row": list(range(len(clips)))}
        return clips, np.arange(len(clips)), named

    def unused_options(self, asked: Mapping[str, Any], data: Data, answer: AnswerField) -> Iterator[Unused]:
        """The memory, where the clips are in it already."""
        if "max_memory" in asked and (isinstance(data, Clips) or getattr(data, "content", None) is not None):
            yield Unused("max_memory", "these clips are in memory already")

    def shown(self, data: Images, row: int, answer: AnswerField) -> dict[str, Any]:
        """The clip as a strip of frames, and its file."""
        assert isinstance(data, Clips)
        shown = {"id": row, "image": as_data_uri(strip(data.frames(row)), most=STRIP)}
        return shown | ({"file": str(data.names[row])} if data.names else {})

    def made(self, data: Images, row: int, numbers: np.ndarray) -> str:
        """The frames as the network takes them with these numbers (T·C·H·W,) added, in the units of the network."""
        assert isinstance(data, Clips)
        fitted = self.preprocessor
        T, C, H, W = fitted.num_frames, fitted.colours, fitted.height, fitted.width
        added = np.moveaxis(numbers.astype(np.float64).reshape(T, C, H, W), 1, -1) * np.array(fitted.std[:C])
        return as_data_uri(strip((data.frames(row) + added).clip(0, 255).round().astype(np.uint8)), most=STRIP)

    # -- helpers ------------------------------------------------------------------------------------------------

    @property
    def _form(self) -> Form:
        fitted = self.preprocessor
        return Form(fitted.num_frames, fitted.height, fitted.width, fitted.colours, fitted.background)

    def _alike(self, data: Any) -> Clips:
        """New clips with their columns, brought to what the training had."""
        form = self._form
        if isinstance(data, Layout) and data.content is None and data.kind in READS:
            pixels = reading.read_alike(data.files["videos"], form)
            names = [str(path) for path in data.files["videos"]]
            known = {"names": names, "frame": data.frame, "splits": dict(data.splits), "columns": data.columns}
            return Clips(data.name, None, [], pixels.shape[-1], pixels=pixels, num_frames=form.num_frames, **known)
        clips = reading.of_frames(data, lambda *_: form) if _is_plain(data) else self._clips(data)
        if (clips.num_frames, *clips.pixels.shape[1:3], clips.colours) == (  # type: ignore[union-attr]
            form.num_frames, form.height, form.width, form.colours,
        ):  # fmt: skip
            return clips
        pixels = np.stack([_formed(clips.frames(row), form) for row in range(len(clips))])
        return replace(clips, pixels=pixels, num_frames=form.num_frames, channels=pixels.shape[-1])

    def _of_inputs(self, inputs: Any) -> Clips:
        if isinstance(inputs, Clips | Layout):
            return self._alike(inputs)
        if isinstance(inputs, str | Path) and self._is_read_whole(inputs):
            return self._alike(source.read(inputs, self._config_of_new, follow=("picture",)))
        if isinstance(inputs, str | Path):
            inputs = [inputs]
        if isinstance(inputs, list | tuple) and inputs and all(isinstance(item, str | Path) for item in inputs):
            paths = [found for item in inputs for found in _files_of(Path(item).expanduser())]
            return self._made(reading.read_alike(paths, self._form), [str(path) for path in paths])
        return self._made(np.stack([_formed(clip, self._form) for clip in self._of_arrays(inputs)]), None)

    def _made(self, pixels: np.ndarray, names: list[str] | None) -> Clips:
        count = self.preprocessor.num_frames
        return Clips("clips", None, [], pixels.shape[-1], pixels=pixels, names=names, num_frames=count)

    def _is_read_whole(self, path: str | Path) -> bool:
        """Whether a name holds many clips by itself: a bundled set, or a table of files."""
        from deepglass.data.preprocess.image import is_container

        return is_container(path) and not files.is_folder(path)

    def _of_arrays(self, inputs: Any) -> np.ndarray:
        """(N, T, H, W, C) bytes of one clip or several."""
        array = as_array(inputs)
        array = array[None] if array.ndim == 4 else array
        if array.ndim != 5 or not array.size or array.dtype != np.uint8 or array.shape[-1] not in (1, 3):
            came = f"an array of shape {array.shape} and type {array.dtype}"
            raise DataError(f"expected clips as files, or bytes (T, H, W, C) of 1 or 3 channels; got {came}")
        return array

    def _examples(self, images: Images, part: Part, answer: AnswerField) -> Examples:
        fitted = self.preprocessor
        transform = self._augmented(answer) if part.is_training else fitted.transform()
        pixels = torch.from_numpy(images.pixels[part.rows])  # type: ignore[index]
        return InMemory(pixels.permute(0, 3, 1, 2).contiguous(), *part.targets, transform=transform)  # (N, T·C, H, W)

    def _choose_groups(self, images: Images, answer: AnswerField) -> list[Guess]:
        """What the answer keeps together, or what belongs together by a column; near copies are not looked for."""
        of_answer = answer.together(images)
        self.together = images.groups if of_answer is None else of_answer
        return []

    def _choose_augmentations(self, images: Images, rows: np.ndarray, answer: AnswerField) -> list[Guess]:
        if self.options.augment is not None:
            self.augmentations = parse(self.options.augment)
            return []
        self.augmentations = [*USUAL]
        why = "a shift keeps every movement; a mirror would turn it, so flip is left to you"
        return [Guess("augment", ", ".join(USUAL), why, "--augment")]

    def _fitted(self, images: Images, rows: np.ndarray) -> tuple[ImagePreprocessor, list[Guess]]:
        return VideoPreprocessor.fit(images, rows), []

    def _size_guess(self, images: Images) -> list[Guess]:
        return []

    @property
    def _workers(self) -> int:
        return 1


STRIP = 512  # pixels that a strip of frames may be wide


def _formed(frames: np.ndarray, form: Form) -> np.ndarray:
    """(T, H, W, C) of any size → (H, W, T·C) of a form."""
    taken = with_channels(frames[reading.evenly(len(frames), form.num_frames)], form.colours)
    return stacked(np.stack([fit_to(frame, form.height, form.width) for frame in taken]))


def _files_of(path: Path) -> list[Path]:
    """A file; all clips below a folder; or the folder itself, where it holds the frames of one.

    Raises:
        DataError: If it does not exist, or holds no picture.
    """
    from deepglass.data.preprocess.image import picture_files

    found = picture_files(path)
    if path.is_file():
        return found
    moving = [file for file in found if file.suffix.lower() == ".gif"]
    if moving:
        return moving
    return sorted({file.parent for file in found})


def _is_plain(data: Any) -> bool:
    return isinstance(data, Images) and not isinstance(data, Clips)
