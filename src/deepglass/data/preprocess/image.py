"""Pictures of any kind → one size, one number of channels, one scale of brightness, centred and scaled per channel.

TrainResult on the training split alone and saved with the model: a picture at prediction goes the same way.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from deepglass.core import files
from deepglass.core.device import constant
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import build, require, require_between
from deepglass.core.wording import listing
from deepglass.data.augment.image import augment
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images, Layout
from deepglass.data.examples import Batch
from deepglass.data.pictures import load_all
from deepglass.data.preprocess.pixel_scale import PixelScale, fit_scale
from deepglass.data.reading.arrays import as_array
from deepglass.data.reading.decode import decode, header, with_channels
from deepglass.data.reading.images import SUFFIXES, files_below
from deepglass.data.reading.opening import existing, suffix

KEPT_SIZE = 64  # pictures of one size up to this side stay as they are
PHOTO_SIZE = 96  # side to which larger ones are scaled: objects are still plain, and a CPU can train on it
HEADERS = 500  # files looked at to choose a size
SAMPLE = 5_000  # pictures measured for brightness: its mean is then known to a hundredth of its spread
SCALE_SAMPLE = 500  # pictures looked at for the values of black and white
MOST_SIDE, MOST_CHANNELS = 1 << 14, 1 << 10  # of pictures that a network looks at
LEAST_STD = {"uint8": 1.0, "float32": 1e-2}  # of blank pictures, which have none, in units of a byte


@dataclass(frozen=True)
class ImagePreprocessor:
    """What the training pictures have taught about pictures: size, channels, classes, scale, mean and spread.

    mean, std: Of each channel, in units of a byte.
    background: What lies under transparent parts.
    scale: Which stored values are black and white.
    """

    height: int
    width: int
    channels: int
    classes: list[str]
    mean: list[float] = field(default_factory=list)
    std: list[float] = field(default_factory=list)
    background: str = "white"
    scale: PixelScale = field(default_factory=PixelScale)

    @classmethod
    def fit(
        cls,
        images: Images,
        rows: np.ndarray,
        size: int | tuple[int, int] | None = None,
        workers: int = 1,
        scale: PixelScale | None = None,
    ) -> Self:
        """Learn from the pictures at `rows` alone.

        Args:
            images: All pictures.
            rows: Positions of the training split.
            size: Side, or height and width, to scale to; None keeps small pictures and scales large ones.
            workers: Threads that decode.
            scale: Where it is known already.
        """
        height, width = cls.sides(images, rows, size)
        scale = scale or learn_scale(images, rows)[0]
        known = {"background": images.background, "scale": scale}
        bare = cls(height, width, images.channels, images.classes, **known)
        mean, std = brightness(bare.pixels(images, evenly(rows, SAMPLE), workers))
        return replace(bare, mean=mean, std=std)

    @classmethod
    def sides(cls, images: Images, rows: np.ndarray, size: int | tuple[int, int] | None) -> tuple[int, int]:
        """Height and width that all pictures get: a square of the size that was asked for, or what they suggest."""
        if isinstance(size, tuple):
            return size
        return (size, size) if size else choose_size(images, rows)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "ImagePreprocessor":
        """What gave `state`.

        Raises:
            ValueError: If it does not fit.
        """
        found = build(cls, state, scale=PixelScale.from_state(state.get("scale")))
        for size, most in ((found.height, MOST_SIDE), (found.width, MOST_SIDE), (found.channels, MOST_CHANNELS)):
            require_between(size, 1, most, "a size of pictures")
        require(len(found.mean) == len(found.std) == found.channels, "a mean and a deviation of every channel")
        require(all(value > 0 for value in found.std), "deviations above 0", found.std)
        require(found.background in ("white", "black", "grey", "none"), "a background", found.background)
        return found

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {**vars(self), "scale": self.scale.state()}

    @property
    def num_values(self) -> int:
        """Of one picture after decoding."""
        return self.height * self.width * self.channels

    @property
    def num_bytes(self) -> int:
        """That one picture takes in memory."""
        return self.num_values * (4 if self.scale.keeps_depth else 1)

    def load(self, path: Path) -> np.ndarray:
        """One file as (height, width, channels), brightness from 0 to 255: uint8, or float32 where depth is kept.

        Raises:
            DataError: If it is not a whole picture; names the file.
        """
        try:
            values = self.scale.apply(decode(path, self.channels, self.background))
        except DataError as error:
            raise DataError(str(error) if str(path) in str(error) else f"{path}: {error}") from None
        return fit_to(values, self.height, self.width)

    def pixels(self, images: Images, rows: np.ndarray, workers: int = 1) -> np.ndarray:
        """(n, height, width, channels), brightness from 0 to 255, of the pictures at `rows`; dtype as of `load`."""
        if images.paths is not None:
            return load_all([images.paths[i] for i in rows], self.load, workers)
        pixels = with_channels(self.scale.apply(images.pixels[rows]), self.channels)  # type: ignore[index]
        if pixels.shape[1:3] == (self.height, self.width):
            return pixels
        return np.stack([fit_to(picture, self.height, self.width) for picture in pixels])

    def normalize(self, images: Tensor) -> Tensor:
        """(x - mean) / std of each channel; (B, C, H, W) from 0 to 255 in, floats around 0 out."""
        mean, std = (constant(tuple(of), images.device).view(-1, 1, 1) for of in (self.mean, self.std))
        return (images - mean) / std

    def transform(self, augmentations: Sequence[str] = ()) -> Callable[[Batch], Batch]:
        """From a batch of bytes to what a model receives; with augmentation for training."""

        def apply(batch: Batch) -> Batch:
            images = augment(batch[0].float(), list(augmentations))
            return (self.normalize(images).contiguous(memory_format=torch.channels_last), *batch[1:])

        return apply


# -- fitting --------------------------------------------------------------------------------------------------------


def choose_size(images: Images, rows: np.ndarray) -> tuple[int, int]:
    """Height and width: small pictures of one size stay, all others become squares of at most 96 pixels."""
    sizes = _sizes(images, rows)
    if len(set(sizes)) == 1 and max(sizes[0]) <= KEPT_SIZE:
        return sizes[0]
    side = min(PHOTO_SIZE, int(np.median([min(size) for size in sizes])))
    return side, side


def uncut_size(images: Images, rows: np.ndarray, longer: int) -> tuple[int, int] | None:
    """Height and width that keep the shape of pictures of one size, the longer at most so many pixels; else None."""
    sizes = set(_sizes(images, rows))
    if len(sizes) > 1:
        return None
    (size,) = sizes
    factor = min(1.0, longer / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _sizes(images: Images, rows: np.ndarray) -> list[tuple[int, int]]:
    """Heights and widths: of pictures in memory one, of files some of those at `rows`."""
    if images.pixels is not None:
        return [(images.pixels.shape[1], images.pixels.shape[2])]
    return [header(images.paths[i])[0][:2] for i in evenly(rows, HEADERS)]  # type: ignore[index]


def learn_scale(images: Images, rows: np.ndarray, asked: str | None = None) -> tuple[PixelScale, list[Guess]]:
    """The values of black and white of the pictures at `rows`, and what was guessed; `asked` is `--pixel-range`."""
    return fit_scale(as_stored(images, rows), asked)


def as_stored(images: Images, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Some of the pictures at `rows`, each (H, W, C) with the values that are stored; none where all are bytes."""
    if not images.is_deep:
        return
    for row in evenly(rows, SCALE_SAMPLE):
        if images.paths is not None:
            yield decode(images.paths[row], images.channels, images.background)
        else:
            yield images.pixels[row]  # type: ignore[index]


def brightness(pixels: np.ndarray) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each channel; of bytes exactly, from a count of each."""
    means, stds = [], []
    for channel in range(pixels.shape[-1]):
        values = pixels[..., channel].ravel()
        mean, std = (
            _of_bytes(values) if values.dtype == np.uint8 else (values.mean(dtype=float), values.std(dtype=float))
        )
        means.append(float(mean))
        stds.append(max(LEAST_STD[str(values.dtype)], float(std)))
    return means, stds


def _of_bytes(values: np.ndarray) -> tuple[float, float]:
    levels, share = np.arange(256), np.bincount(values, minlength=256) / values.size
    mean = float(share @ levels)
    return mean, float(share @ (levels - mean) ** 2) ** 0.5


def evenly(rows: np.ndarray, count: int) -> np.ndarray:
    """At most `count` of the rows, evenly spread."""
    return rows[np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int)]


# -- one size, one number of channels -------------------------------------------------------------------------------


def fit_to(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Scale one picture (H, W, C) of uint8 or float32 to cover the size and cut what juts out evenly."""
    if pixels.shape[:2] == (height, width):
        return pixels
    if pixels.dtype == np.uint8 and pixels.shape[-1] == 3:
        return np.asarray(_covering(Image.fromarray(pixels), height, width))
    planes = [
        _covering(Image.fromarray(np.ascontiguousarray(plane)), height, width) for plane in np.moveaxis(pixels, -1, 0)
    ]
    return np.stack([np.asarray(plane) for plane in planes], axis=-1)


def _covering(image: Image.Image, height: int, width: int) -> Image.Image:
    return ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR)


# -- pictures to predict --------------------------------------------------------------------------------------------


def read_inputs(
    inputs: Any, channels: int, config: DataConfig, channels_first: bool = False
) -> tuple[Images, dict[str, Any]]:
    """Pictures without a class from a file, a folder, several of them, an array or a container; and their names.

    Args:
        inputs: A path, a list of paths, pixels (N, H, W), (N, H, W, C), (N, C, H, W), one picture, or `Images`.
        channels: Of the model; tells one colour picture (H, W, 3) from a stack of grey ones.
        config: How the training data were read.
        channels_first: Whether these had their channels first.

    Raises:
        DataError: If there is no picture, or a path does not exist.
    """
    from deepglass.data.reading import file_table, source

    if isinstance(inputs, list | tuple) and inputs and all(isinstance(item, str | Path) for item in inputs):
        paths = [path for item in inputs for path in picture_files(Path(item).expanduser())]
        return Images("pictures", None, [], channels, paths=paths), {"file": [str(path) for path in paths]}
    if isinstance(inputs, str | Path) and not is_container(inputs):
        return read_inputs([inputs], channels, config)
    if isinstance(inputs, np.ndarray | list | tuple | Tensor | Image.Image):
        inputs = as_stack(as_array(inputs), channels, channels_first)
    images = source.read(inputs, config, follow=("picture",))
    if isinstance(images, Layout) and images.kind == file_table.NUMBERS:
        images = file_table.with_numbers(images, config, needs_numbers=False)
    if not isinstance(images, Images):
        raise DataError(
            f"{images.name} is no set of pictures: expected picture files, a folder, a table of their paths or an array"
        )
    if images.names is not None:
        return images, {"file": images.names}
    return images, {"row": list(range(len(images)))}


def picture_files(path: Path) -> list[Path]:
    """The file itself, or all pictures below a folder.

    Raises:
        DataError: If it does not exist, or the folder has no pictures.
    """
    if files.is_file(path):
        return [path]
    if found := files_below(existing(path), SUFFIXES):
        return found
    raise DataError(f"{path} has no pictures: expected files that end in {listing(SUFFIXES, len(SUFFIXES))}")


def is_container(path: str | Path) -> bool:
    """Whether a name holds many pictures by itself: IDX files, arrays, a table of paths, or a bundled data set."""
    from deepglass.data.reading import idx, npz, source, table

    name, path = str(path), Path(path).expanduser()
    if files.is_folder(path):
        return npz.is_folder_of_arrays(path) or any(idx.is_idx(file) for file in path.iterdir())
    if suffix(path) in (*npz.SUFFIXES, *table.SUFFIXES) or name.lower().endswith(source.ARCHIVES):
        return True
    return idx.is_idx(path) or (name in source.bundled_names() and not files.is_there(path))


def as_stack(array: np.ndarray, channels: int, channels_first: bool = False) -> np.ndarray:
    """(H, W), or one picture with the channels of the model, as a stack of one."""
    axis = 0 if channels_first else -1
    is_single = array.ndim == 2 or (array.ndim == 3 and channels > 1 and array.shape[axis] == channels)
    return array[None] if is_single else array
