"""IDX files: the form in which MNIST was published, a magic number, the sizes, then raw bytes.

The first two bytes are zero, the third names the type (8 is uint8), the fourth counts the dimensions; each size is a
big-endian 32-bit integer. `train-…` and `t10k-…` (test) come as pairs `…-images-idx3-ubyte`, `…-labels-idx1-ubyte`.

References:
    LeCun, Cortes and Burges (1998), The MNIST database of handwritten digits, http://yann.lecun.com/exdb/mnist/
"""

import struct
from math import prod
from pathlib import Path

import numpy as np

from deepglass.core.effects import acts_on
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images
from deepglass.data.reading.learnable import keep_classes
from deepglass.data.reading.opening import existing, opened

UINT8 = 8
SPLITS = {"train": "train", "val": "val", "t10k": "test", "test": "test"}


def is_idx(path: Path) -> bool:
    """Whether a file is named like pictures in IDX form."""
    return "images-idx3" in path.name or "images.idx3" in path.name


@acts_on("max_rows")
def read_idx_images(source: Path, config: DataConfig) -> Images:
    """Read pictures and labels from a folder of IDX files, or from one file of pictures and its neighbours.

    Raises:
        DataError: If a file is missing, truncated or of another form, or pictures and labels differ in number.
    """
    folder = source if source.is_dir() else source.parent
    files = {_split_of(path): path for path in sorted(folder.iterdir()) if is_idx(path)}
    if source.is_file() and _split_of(source) != "train":
        files = {"train": source}
    order = [split for split in ("train", "val", "test") if split in files]
    pixels = [read_idx(files[split], 3)[: config.max_rows] for split in order]
    labels = [_labels(files[split], config.max_rows, len(part)) for split, part in zip(order, pixels)]
    images = Images(folder.name, None, [], 1, pixels=np.concatenate(pixels)[..., None])  # (N, H, W, 1)
    if all(part is not None for part in labels):
        images.labels = np.concatenate([part for part in labels if part is not None]).astype(np.int64)
        images.classes = [str(number) for number in range(int(images.labels.max()) + 1)]
    if len(order) > 1:
        ends = np.cumsum([len(part) for part in pixels])
        images.splits = {split: np.arange(end - len(part), end) for split, part, end in zip(order, pixels, ends)}
        sizes = ", ".join(f"{split} {len(part):,}" for split, part in zip(order, pixels))
        images.guesses.append(Guess("splits", sizes, listing(files[split].name for split in order), "other file names"))
    images.guesses += keep_classes(images, config).guesses
    return images


def read_idx(path: Path, ndim: int) -> np.ndarray:
    """The array of an IDX file of bytes.

    Args:
        ndim: Number of dimensions it must have: 3 for pictures, 1 for labels.

    Raises:
        DataError: If the file is of another form or truncated.
    """
    with opened(existing(path)) as file:
        content = file.read()
    if len(content) < 4 or content[:4] != bytes([0, 0, UINT8, ndim]):
        raise DataError(
            f"{path} is no IDX file of bytes with {ndim} dimensions: expected to begin with 00 00 08 0{ndim}, "
            f"got {content[:4].hex(' ') or 'nothing'}; copy or download it again"
        )
    start = 4 + 4 * ndim
    if len(content) < start:
        raise DataError(f"{path} ends inside its header: copy or download it again")
    shape = struct.unpack(f">{ndim}I", content[4:start])
    if len(content) - start != prod(shape):
        raise DataError(
            f"{path} is truncated or damaged: expected {prod(shape):,} bytes for sizes {shape}, got "
            f"{len(content) - start:,}; copy or download it again"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _labels(images: Path, max_rows: int | None, count: int) -> np.ndarray | None:
    """The labels beside a file of pictures; None where there is no such file."""
    name = images.name.replace("images-idx3", "labels-idx1").replace("images.idx3", "labels.idx1")
    other = name.removesuffix(".gz") if name.endswith(".gz") else name + ".gz"
    path = next((images.with_name(n) for n in (name, other) if images.with_name(n).exists()), None)
    if path is None:
        return None
    labels = read_idx(path, 1)[:max_rows]
    if len(labels) != count:
        raise DataError(f"{path} has {len(labels):,} labels for {count:,} pictures of {images.name}: expected as many")
    return labels


def _split_of(path: Path) -> str:
    return SPLITS.get(path.name.split("-")[0].lower(), "train")
