"""Folders of pictures: a folder a class, perhaps below `train/`, `val/` and `test/`.

Pictures of one size that fit a memory budget are decoded once; others are left in their files and decoded when a
batch asks for them, so a folder of any size can be learnt from.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from deepglass.core.effects import acts_on
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images
from deepglass.data.reading.decode import GREY_MODES, decode, header
from deepglass.data.reading.learnable import keep_classes
from deepglass.data.reading.opening import companions, suffix
from deepglass.data.reading.table import split_of

SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pnm")
MEMORY_BUDGET_BYTES = 1 << 30  # decoded pictures beyond it stay in their files
HEADERS = 20_000  # pictures whose headers are read; of more, so many spread evenly
NAMED = 5  # broken pictures named in a message


@acts_on("max_rows")
def read_images(folder: Path, config: DataConfig, budget: int = MEMORY_BUDGET_BYTES) -> Images:
    """Read a folder of pictures, or one picture.

    Args:
        budget: Bytes that decoded pictures may take in memory.

    Raises:
        DataError: If pictures are broken, or a test folder has classes that training does not know.
    """
    folders = split_folders(folder, config)
    found = {split: _labelled(path, config.max_rows) for split, path in folders.items()}
    classes = sorted({label for _, label in found["train"] if label})
    _require_known_classes(found, folders, classes)
    examples = [example for part in found.values() for example in part]
    if not examples:
        raise DataError(f"{folder} holds no pictures: expected files such as .jpg or .png")
    images = _images(folder.name, [path for path, _ in examples], budget)
    images.classes = classes
    if classes:
        images.labels = np.array([classes.index(label) for _, label in examples], dtype=np.int64)
    if len(found) > 1:
        ends = np.cumsum([len(part) for part in found.values()])
        images.splits = {split: np.arange(end - len(found[split]), end) for split, end in zip(found, ends)}
        sizes = ", ".join(f"{split} {len(part):,}" for split, part in found.items())
        images.guesses.append(
            Guess("splits", sizes, listing(f"{p.name}/" for p in folders.values()), "--val and --test")
        )
    images.guesses += keep_classes(images, config).guesses
    return images


def split_folders(folder: Path, config: DataConfig) -> dict[str, Path]:
    """The folder of each split: those below `folder` that are named so, and those of `--val` and `--test`."""
    folders = {"train": folder}
    if folder.is_dir():
        children = [child for child in sorted(folder.iterdir()) if child.is_dir() and not child.name.startswith(".")]
        named = {split_of(child.name): child for child in children if split_of(child.name)}
        if "train" in named and len(named) == len(children):
            folders = {split: named[split] for split in ("train", "val", "test") if split in named}
    return folders | companions(config)


def files_below(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Files with these endings, in order of their names; hidden ones are left out."""
    if folder.is_file():
        return [folder]
    below = (path for path in folder.rglob("*") if suffix(path) in suffixes and path.is_file())
    return sorted(path for path in below if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def evenly_spread(paths: list[Path], count: int | None) -> list[Path]:
    """So many of the files, of every folder; all of them without a count."""
    if not count or count >= len(paths):
        return paths
    return [paths[i] for i in np.linspace(0, len(paths) - 1, count).astype(int)]


def _labelled(folder: Path, max_rows: int | None) -> list[tuple[Path, str]]:
    """Pictures and their classes: the name of the first folder below `folder`, "" for pictures without one."""
    paths = evenly_spread(files_below(folder, SUFFIXES), max_rows)
    labels = [path.relative_to(folder).parts[0] if path.parent != folder and path != folder else "" for path in paths]
    if "" in labels and len(set(labels)) > 1:
        loose = [path.name for path, label in zip(paths, labels) if not label]
        raise DataError(
            f"{folder} holds {counted(len(loose), 'picture')} outside the folders of its classes "
            f"({listing(loose, 3)}): move them into the folder of their class, or remove them"
        )
    return list(zip(paths, labels))


def _require_known_classes(found: dict[str, list], folders: dict[str, Path], classes: list[str]) -> None:
    for split, part in found.items():
        if unknown := sorted({label for _, label in part} - set(classes) - {""}):
            raise DataError(
                f"{folders[split]} has {counted(len(unknown), 'class')} that {folders['train']} does not have "
                f"({listing(unknown)}): expected {listing(classes, 10)}; rename or remove these folders"
            )


def _images(name: str, paths: list[Path], budget: int) -> Images:
    probe = [paths[i] for i in np.linspace(0, len(paths) - 1, min(HEADERS, len(paths))).astype(int)]
    headers = _each(probe, header)
    sizes = Counter(size for size, _, _ in headers)
    channels = 1 if all(mode in GREY_MODES for _, mode, _ in headers) else 3
    guesses = _notes(headers, sizes, channels)
    height, width = next(iter(sizes))
    if len(sizes) == 1 and len(paths) * height * width * channels <= budget:
        pixels = _each(paths, lambda path: decode(path, channels))
        if len({picture.shape for picture in pixels}) == 1:
            return Images(name, None, [], channels, pixels=np.stack(pixels), guesses=guesses)
    return Images(name, None, [], channels, paths=paths, guesses=guesses)


def _each(paths: list[Path], read: Callable):
    """Read every picture; those that fail are reported together."""
    results, errors = [], []
    for path in paths:
        try:
            results.append(read(path))
        except DataError as error:
            errors.append(str(error))
    if len(errors) == 1:
        raise DataError(errors[0])
    if errors:
        more = f"\n  … {len(errors) - NAMED} more" if len(errors) > NAMED else ""
        raise DataError(f"{counted(len(errors), 'picture')} cannot be read:\n  " + "\n  ".join(errors[:NAMED]) + more)
    return results


def _notes(headers: list[tuple], sizes: Counter, channels: int) -> list[Guess]:
    modes = Counter(mode for _, mode, _ in headers)
    guesses = [Guess("channels", channels, "all are grey" if channels == 1 else listing(modes), "pictures of one mode")]
    if len(sizes) > 1:
        shown = listing(f"{height}x{width}" for (height, width), _ in sizes.most_common())
        guesses.append(Guess("sizes", shown, "height x width, most frequent first", "--image-size"))
    if odd := [mode for mode in modes if mode not in ("L", "RGB")]:
        counts = listing(f"{modes[mode]:,} {mode}" for mode in odd)
        guesses.append(
            Guess("converted", f"to 8-bit {'grey' if channels == 1 else 'colour'}", counts, "pictures of one mode")
        )
    if animated := sum(frames > 1 for _, _, frames in headers):
        guesses.append(Guess("animations", "first frame", counted(animated, "picture"), "still pictures"))
    return guesses
