"""NumPy's files: .npz with pictures and labels by name, .npy with one array, or a folder of .npy files.

Names say what an array is: `x_train`, `train_images`, `X_test`, `val_labels` (Keras, MedMNIST and their like), or
`X` and `y`, `images` and `labels`. Only plain arrays are read: pickled objects could carry code.
"""

import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from deepglass.core import files
from deepglass.core.errors import DataError
from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Table
from deepglass.data.reading.arrays import from_arrays
from deepglass.data.reading.images import declare
from deepglass.data.reading.learnable import keep_classes
from deepglass.data.reading.opening import existing, require_ordinary
from deepglass.data.reading.table import SPLIT_NAMES

SUFFIXES = (".npz", ".npy")
INPUTS = ("x", "images", "image", "imgs", "img", "data", "features", "inputs", "pictures", "pixels")
TARGETS = ("y", "labels", "label", "targets", "target", "classes", "lbl")

Arrays = dict[str, Callable[[], np.ndarray]]  # by name, read when called


def read_npz(path: Path, config: DataConfig) -> Data:
    """Read pictures, or rows of a table, from one file, or from a folder of .npy files.

    Raises:
        DataError: If the file is damaged or pickled, or its names do not say which array is what.
    """
    arrays = _opened(existing(path))
    found = _by_split(arrays)
    if not found:
        named = listing((f"{name} {_shape(read)}" for name, read in arrays.items()), 10)
        raise DataError(
            f"{path} holds the arrays {named}: expected names such as X and y, images and labels, or x_train, y_train, "
            "x_test, y_test"
        )
    of_a_part = replace(config, classes=None, rare_classes=None)  # those are chosen from the whole
    parts = {split: from_arrays(pair, of_a_part, path.stem) for split, pair in _pairs(found).items()}
    kinds = {type(part) for part in parts.values()}
    if len(kinds) > 1:
        raise DataError(f"{path} holds arrays of different kinds in its splits: expected one shape but for the rows")
    data = _joined(parts, found, path)
    if isinstance(data, Images):
        data.guesses += keep_classes(data, config).guesses
    return data


def is_folder_of_arrays(folder: Path) -> bool:
    """Whether a folder holds .npy files by names that say what they are."""
    names = {path.stem: lambda: np.empty(0) for path in folder.glob("*.npy")}
    return bool(names) and any(role == "x" for _, role in map(_meaning, names))


def _opened(path: Path) -> Arrays:
    if path.is_dir():
        return {file.stem: lambda file=file: _load(file) for file in sorted(path.glob("*.npy"))}
    if path.suffix.lower() == ".npy":
        beside = {file.stem: lambda file=file: _load(file) for file in sorted(path.parent.glob("*.npy"))}
        split, role = _meaning(path.stem)
        labels = [name for name in beside if role == "x" and _meaning(name) == (split, "y")]
        found: Arrays = {"x": lambda: _load(path)}
        return found | ({"y": beside[labels[0]]} if labels else {})
    try:
        require_ordinary(path)
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
            unpacked, most = sum(entry.file_size for entry in archive.infolist()), files.memory_bytes()
    except (zipfile.BadZipFile, OSError) as error:
        raise DataError(f"{path} is not a whole .npz file ({error}): write or copy it again") from None
    if unpacked > most:
        raise DataError(f"{path} unpacks to {unpacked:,} bytes, more than the {most:,} of this machine: divide it")
    return {name: lambda name=name: _load(path, name) for name in names}


def _load(path: Path, name: str | None = None) -> np.ndarray:
    try:
        require_ordinary(path)
        loaded = np.load(path, allow_pickle=False)
        if name is None:
            return loaded
        with loaded:
            return loaded[name]
    except DataError:
        raise
    except ValueError as error:
        if "pickle" in str(error).lower() or "object" in str(error).lower():
            which = f"{name} of {path}" if name else str(path)
            raise DataError(f"{which} holds pickled objects, which could carry code: save plain arrays") from None
        raise DataError(f"{path} is damaged ({error}): write or copy it again") from None
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, KeyError, MemoryError, NotImplementedError) as error:
        raise DataError(f"{path} is damaged ({error}): write or copy it again") from None


def _by_split(arrays: Arrays) -> dict[str, dict[str, Callable]]:
    """Arrays by split and role: {"train": {"x": …, "y": …}, "test": …}; one split alone is called train."""
    found: dict[str, dict[str, Callable]] = {}
    for name, read in arrays.items():
        split, role = _meaning(name)
        if role:
            found.setdefault(split or "train", {}).setdefault(role, read)
    if not found and set(arrays) <= {"arr_0", "arr_1"} and "arr_0" in arrays:  # names that np.savez gives by itself
        found = {"train": {role: arrays[name] for name, role in (("arr_0", "x"), ("arr_1", "y")) if name in arrays}}
    with_inputs = {split: parts for split, parts in found.items() if "x" in parts}
    order = [split for split in ("train", "val", "test") if split in with_inputs]
    if order and "train" not in order:  # a test alone, to predict
        return {"train": with_inputs[order[0]]}
    return {split: with_inputs[split] for split in order}


def _meaning(name: str) -> tuple[str | None, str | None]:
    """The split and the role ("x", "y") that a name speaks of: train_images → ("train", "x")."""
    words = [word for word in re.split(r"[^a-z]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()) if word]
    split = next((SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES), None)
    if split is None:  # xtrain, ytest
        joined = re.fullmatch(r"([xy])(train|val|valid|test|dev)", "".join(words))
        words, split = ([joined[1]], SPLIT_NAMES[joined[2]]) if joined else (words, None)
    rest = [word for word in words if word not in SPLIT_NAMES]
    role = next((role for role, known in (("y", TARGETS), ("x", INPUTS)) if any(word in known for word in rest)), None)
    return split, role


def _pairs(found: dict[str, dict[str, Callable]]) -> dict[str, tuple]:
    return {split: (parts["x"](), parts["y"]() if "y" in parts else None) for split, parts in found.items()}


def _joined(parts: dict[str, Data], found: dict[str, dict[str, Callable]], path: Path) -> Data:
    """One set with its declared splits."""
    first = next(iter(parts.values()))
    if len(parts) == 1:
        return first
    sizes = {split: len(part) if isinstance(part, Images) else len(part.frame) for split, part in parts.items()}  # type: ignore[union-attr]
    if isinstance(first, Table):
        frames = [part.frame for part in parts.values()]  # type: ignore[union-attr]
        ends = np.cumsum(list(sizes.values()))
        first.frame = pd.concat(frames, ignore_index=True)
        first.splits = {split: np.arange(end - size, end) for (split, size), end in zip(sizes.items(), ends)}
        return first
    shapes = {part.pixels.shape[1:] for part in parts.values()}  # type: ignore[union-attr]
    if len(shapes) > 1:
        raise DataError(f"{path} holds pictures of shapes {listing(shapes)} in its splits: expected one")
    images: Images = first  # type: ignore[assignment]
    images.pixels = np.concatenate([part.pixels for part in parts.values()])  # type: ignore[union-attr]
    images.facts = {name: dict.fromkeys(counts, len(images)) for name, counts in images.facts.items()}
    if all(part.labels is not None for part in parts.values()):  # type: ignore[union-attr]
        _join_labels(images, parts, path)  # type: ignore[arg-type]
    declare(images, sizes, list(found))
    return images


def _join_labels(images: Images, parts: dict[str, Images], path: Path) -> None:
    """Labels of all splits as positions in the classes of the training."""
    for split, part in parts.items():
        if unknown := sorted(set(part.classes) - set(images.classes)):
            raise DataError(f"{path}: {split} has classes that train does not have ({listing(unknown)}): correct them")
    names = {split: np.array(part.classes)[part.labels] for split, part in parts.items()}
    place = {name: position for position, name in enumerate(images.classes)}
    images.labels = np.array([place[name] for part in names.values() for name in part], dtype=np.int64)


def _shape(read: Callable[[], np.ndarray]) -> str:
    try:
        return "x".join(map(str, read().shape))
    except DataError:
        return "(pickled)"
