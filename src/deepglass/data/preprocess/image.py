"""Pictures of any kind → one size, one number of channels, brightness centred and scaled a channel.

Fitted on the training split alone and saved with the model: a picture at prediction goes the same way.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from deepglass.core.device import constant
from deepglass.core.errors import DataError
from deepglass.core.wording import listing
from deepglass.data.augment.image import augment
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images
from deepglass.data.examples import Batch
from deepglass.data.pictures import load_all
from deepglass.data.reading.decode import decode, header
from deepglass.data.reading.images import SUFFIXES, files_below
from deepglass.data.reading.opening import existing

KEPT_SIZE = 64  # pictures of one size up to this side stay as they are
PHOTO_SIZE = 96  # side to which larger ones are scaled: objects are still plain, and a CPU can train on it
HEADERS = 500  # files looked at to choose a size
SAMPLE = 5_000  # pictures measured for brightness: its mean is then known to a hundredth of its spread


@dataclass(frozen=True)
class ImagePreprocessor:
    """What the training pictures have taught about pictures: size, channels, classes, mean and spread.

    mean, std: Of each channel, in units of a byte.
    """

    height: int
    width: int
    channels: int
    classes: list[str]
    mean: list[float] = field(default_factory=list)
    std: list[float] = field(default_factory=list)

    @classmethod
    def fit(cls, images: Images, rows: np.ndarray, size: int | None = None, workers: int = 1) -> "ImagePreprocessor":
        """Learn from the pictures at `rows` alone.

        Args:
            images: All pictures.
            rows: Positions of the training split.
            size: Side to scale to; None keeps small pictures and scales large ones.
        """
        height, width = (size, size) if size else choose_size(images, rows)
        bare = cls(height, width, images.channels, images.classes)
        mean, std = brightness(bare.pixels(images, evenly(rows, SAMPLE), workers))
        return cls(height, width, images.channels, images.classes, mean, std)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "ImagePreprocessor":
        return cls(**state)

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    @property
    def num_bytes(self) -> int:
        """Of one picture after decoding."""
        return self.height * self.width * self.channels

    def load(self, path: Path) -> np.ndarray:
        """One file as (height, width, channels) bytes.

        Raises:
            DataError: If it is no whole picture; names the file.
        """
        return fit_to(decode(path, self.channels), self.height, self.width)

    def pixels(self, images: Images, rows: np.ndarray, workers: int = 1) -> np.ndarray:
        """(n, height, width, channels) bytes of the pictures at `rows`."""
        if images.paths is not None:
            return load_all([images.paths[i] for i in rows], self.load, workers)
        pixels = with_channels(images.pixels[rows], self.channels)  # type: ignore[index]
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
    if images.pixels is not None:
        sizes = [images.pixels.shape[1:3]]
    else:
        sizes = [header(images.paths[i])[0] for i in evenly(rows, HEADERS)]  # type: ignore[index]
    if len(set(sizes)) == 1 and max(sizes[0]) <= KEPT_SIZE:
        return sizes[0][0], sizes[0][1]
    side = min(PHOTO_SIZE, int(np.median([min(size) for size in sizes])))
    return side, side


def brightness(pixels: np.ndarray) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each channel, exactly, from a count of each byte."""
    levels = np.arange(256)
    means, stds = [], []
    for channel in range(pixels.shape[-1]):
        share = np.bincount(pixels[..., channel].ravel(), minlength=256) / pixels[..., channel].size
        mean = float(share @ levels)
        means.append(mean)
        stds.append(max(1.0, float(share @ (levels - mean) ** 2) ** 0.5))  # blank pictures have none
    return means, stds


def evenly(rows: np.ndarray, count: int) -> np.ndarray:
    """At most `count` of the rows, evenly spread."""
    return rows[np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int)]


# -- one size, one number of channels -------------------------------------------------------------------------------


def fit_to(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Scale one picture (H, W, C) to cover the size and cut what juts out evenly."""
    if pixels.shape[:2] == (height, width):
        return pixels
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    scaled = np.asarray(ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR))
    return scaled.reshape(height, width, -1)


def with_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """Grey as colour, or colour as grey (ITU-R 601 luma, as Pillow does); (N, H, W, C)."""
    if pixels.shape[-1] == channels:
        return pixels
    if channels == 3:
        return np.repeat(pixels, 3, axis=-1)
    return (pixels @ np.array([0.299, 0.587, 0.114])).round().astype(np.uint8)[..., None]


# -- pictures to predict --------------------------------------------------------------------------------------------


def read_inputs(inputs: Any, channels: int, config: DataConfig) -> tuple[Images, dict[str, Any]]:
    """Pictures without a class from a file, a folder, several of them, an array or a container; and their names.

    Args:
        inputs: A path, a list of paths, bytes (N, H, W), (N, H, W, C), one picture (H, W) or (H, W, 3), or `Images`.
        channels: Of the model; tells one colour picture (H, W, 3) from a stack of grey ones.
        config: How the training data were read.

    Raises:
        DataError: If there is no picture, or a path does not exist.
    """
    from deepglass.data.reading import source

    if isinstance(inputs, list | tuple) and inputs and all(isinstance(item, str | Path) for item in inputs):
        paths = [path for item in inputs for path in picture_files(Path(item))]
        return Images("pictures", None, [], channels, paths=paths), {"file": [str(path) for path in paths]}
    if isinstance(inputs, str | Path) and not is_container(inputs):
        return read_inputs([inputs], channels, config)
    if isinstance(inputs, np.ndarray | list | tuple | Tensor | Image.Image):
        inputs = as_stack(np.asarray(inputs), channels)
    images = source.read(inputs, config)
    if not isinstance(images, Images):
        raise DataError(f"{images.name} is no set of pictures: expected picture files, a folder or an array of bytes")
    names = {"row": list(range(len(images)))} if images.paths is None else {"file": [str(p) for p in images.paths]}
    return images, names


def picture_files(path: Path) -> list[Path]:
    """The file itself, or all pictures below a folder.

    Raises:
        DataError: If it does not exist, or the folder has no pictures.
    """
    if path.is_file():
        return [path]
    if found := files_below(existing(path), SUFFIXES):
        return found
    raise DataError(f"{path} has no pictures: expected files that end in {listing(SUFFIXES, len(SUFFIXES))}")


def is_container(path: str | Path) -> bool:
    """Whether a name holds many pictures by itself: IDX files, or a bundled data set."""
    from deepglass.data.reading import idx, source

    path = Path(path)
    if path.is_dir():
        return any(idx.is_idx(file) for file in path.iterdir())
    return idx.is_idx(path) or (str(path) in source.bundled_names() and not path.exists())


def as_stack(array: np.ndarray, channels: int) -> np.ndarray:
    """(H, W) or one colour picture (H, W, 3) → a stack of one."""
    is_single = array.ndim == 2 or (array.ndim == 3 and channels == 3 and array.shape[-1] == 3)
    return array[None] if is_single else array
