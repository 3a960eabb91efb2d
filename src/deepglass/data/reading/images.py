"""Folders of pictures: a folder per class, perhaps below `train/`, `val/` and `test/`.

Pictures of one size that fit a memory budget are decoded once; others are left in their files and decoded when a
batch asks for them, so a folder of any size can be learnt from. How files become pixels (grey or colour, what lies
under transparent parts) is decided from the training pictures.
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
from deepglass.data.reading.decode import DEPTHS, GREY_MODES, Header, decode, header, opened, raise_together
from deepglass.data.reading.learnable import keep_classes
from deepglass.data.reading.name_groups import assign_groups
from deepglass.data.reading.opening import companions, suffix
from deepglass.data.reading.table import split_of
from deepglass.data.reading.transparency import choose_background

SUFFIXES = (
    ".jpg", ".jpeg", ".jfif", ".png", ".gif", ".bmp", ".webp", ".avif", ".jp2", ".tif", ".tiff",
    ".ppm", ".pgm", ".pnm", ".pbm", ".pfm",
)  # fmt: skip
UNREADABLE = (  # pictures that Pillow does not read, or not as a picture of pixels
    ".heic", ".heif", ".jxl", ".cr2", ".cr3", ".nef", ".arw", ".dng", ".raf", ".orf", ".rw2", ".svg", ".psd", ".dcm",
    ".exr", ".nii", ".tga", ".ico",
)  # fmt: skip
LEFT_BY_SYSTEMS = ("__MACOSX", "@eaDir")  # folders of copies that archives and file servers leave behind
MEMORY_BUDGET_BYTES = 1 << 30  # decoded pictures beyond it stay in their files
HEADERS = 20_000  # pictures whose headers are read; of more, so many spread evenly
TRANSPARENT = 200  # pictures that a ground is chosen by
DEEP_BYTES = 4  # that a value of a deep picture takes at most


@acts_on("max_rows")
def read_images(folder: Path, config: DataConfig, budget: int = MEMORY_BUDGET_BYTES) -> Images:
    """Read a folder of pictures, or one picture.

    Args:
        budget: Bytes that decoded pictures may take in memory.

    Raises:
        DataError: If pictures are broken, or a test folder has classes that a training of several does not know.
        OptionError: If `--group-from-name` fits no name.
    """
    folders = split_folders(folder, config)
    files = {split: files_below(path, (*SUFFIXES, *UNREADABLE)) for split, path in folders.items()}
    guesses = _left_out(files, folders)
    found = {split: _labelled(folders[split], paths, config.max_rows) for split, paths in files.items()}
    guesses += _set_unlabelled_aside(found, config)
    classes = _classes(found, folders)
    examples = [example for part in found.values() for example in part]
    if not examples:
        raise DataError(f"{folder} holds no pictures: expected files such as .jpg or .png")
    images = from_paths(folder.name, [path for path, _ in examples], np.arange(len(found["train"])), config, budget)
    images.guesses = guesses + images.guesses
    images.classes = classes
    if classes:
        images.labels = np.array([classes.index(label) for _, label in examples], dtype=np.int64)
    if len(found) > 1:
        declare(images, {split: len(part) for split, part in found.items()}, [f"{folders[s].name}/" for s in found])
    images.names = [_name(path, folders[split]) for split, part in found.items() for path, _ in part]
    images.guesses += keep_classes(images, config).guesses
    assign_groups(images, config)
    return images


@acts_on("background")
def from_paths(
    name: str, paths: list[Path], train: np.ndarray, config: DataConfig, budget: int = MEMORY_BUDGET_BYTES
) -> Images:
    """Pictures in files, without labels: decoded at once where they are of one size and fit the budget.

    Args:
        name: Of the data.
        paths: All files.
        train: Positions of those that decide on channels and on what lies under transparent parts.
        config: How to read.
        budget: Bytes that decoded pictures may take in memory.

    Raises:
        DataError: If pictures are broken; names them.
    """
    probe = np.linspace(0, len(paths) - 1, min(HEADERS, len(paths))).astype(int)
    headers = _each([paths[i] for i in probe], header)
    is_train = np.isin(probe, train)
    of_train = [(paths[i], head) for i, head, counts in zip(probe, headers, is_train) if counts]
    channels = 1 if all(head.mode in GREY_MODES for _, head in of_train) else 3
    background, guesses = _background(of_train, config)
    images = Images(name, None, [], channels, background=background)
    images.is_deep = any(head.depth != "bytes" for head in headers)
    images.facts = _facts(headers)
    images.guesses = _notes(headers, channels) + guesses
    sizes = {head.size for head in headers}
    height, width = next(iter(sizes))
    bytes_needed = len(paths) * height * width * channels * (DEEP_BYTES if images.is_deep else 1)
    if len(sizes) == 1 and bytes_needed <= budget:
        pixels = _each(paths, lambda path: decode(path, channels, background))
        if len({(picture.shape, picture.dtype) for picture in pixels}) == 1:
            images.pixels = np.stack(pixels)
            return images
    images.paths = paths
    return images


def declare(images: Images, sizes: dict[str, int], where: list[str]) -> None:
    """Note the splits that the data bring along, one after the other, and say so."""
    ends = np.cumsum(list(sizes.values()))
    images.splits = {split: np.arange(end - size, end) for (split, size), end in zip(sizes.items(), ends)}
    shown = ", ".join(f"{split} {size:,}" for split, size in sizes.items())
    images.guesses.append(Guess("splits", shown, listing(where), "--val and --test"))


def split_folders(folder: Path, config: DataConfig) -> dict[str, Path]:
    """The folder of each split: those below `folder` that are named so, and those of `--val` and `--test`."""
    folder = unwrapped(folder)
    folders = {"train": folder}
    if folder.is_dir():
        children = subfolders(folder)
        named = {split_of(child.name): child for child in children if split_of(child.name)}
        others = [child for child in children if child not in named.values()]
        if "train" in named and not any(subfolders(child) for child in others) and (len(named) > 1 or not others):
            folders = {split: unwrapped(named[split]) for split in ("train", "val", "test") if split in named}
    return folders | companions(config)


def subfolders(folder: Path) -> list[Path]:
    """The folders right below, hidden ones left out."""
    below = (child for child in sorted(folder.iterdir()) if child.is_dir())
    return [child for child in below if not child.name.startswith(".") and child.name not in LEFT_BY_SYSTEMS]


def unwrapped(folder: Path) -> Path:
    """The folder itself, or the one that it holds alone and that holds several, as unpacked archives often do."""
    if not folder.is_dir():
        return folder
    children, files = subfolders(folder), [path for path in folder.iterdir() if suffix(path) in SUFFIXES]
    if len(children) == 1 and not files and len(subfolders(children[0])) > 1:
        return children[0]
    return folder


def files_below(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Files with these endings, in order of their names; hidden ones are left out."""
    if folder.is_file():
        return [folder]
    below = (path for path in folder.rglob("*") if suffix(path) in suffixes and path.is_file())
    return sorted(path for path in below if not _is_hidden(path.relative_to(folder)))


def evenly_spread(paths: list[Path], count: int | None) -> list[Path]:
    """So many of the files, of every folder; all of them without a count."""
    if not count or count >= len(paths):
        return paths
    return [paths[i] for i in np.linspace(0, len(paths) - 1, count).astype(int)]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part in LEFT_BY_SYSTEMS for part in path.parts)


def _left_out(files: dict[str, list[Path]], folders: dict[str, Path]) -> list[Guess]:
    """Take pictures in formats that cannot be read out of the lists, and name them.

    Raises:
        DataError: If nothing else is left of a class.
    """
    lost = {split: [path for path in paths if suffix(path) in UNREADABLE] for split, paths in files.items()}
    for split, paths in lost.items():
        files[split] = [path for path in files[split] if suffix(path) in SUFFIXES]
        kept = {_class_of(path, folders[split]) for path in files[split]}
        if gone := {_class_of(path, folders[split]) for path in paths} - kept:
            endings = listing(sorted({suffix(path) for path in paths}))
            raise DataError(
                f"{folders[split]}: Pillow does not read files ending in {endings}, and there are no others in "
                f"{listing(sorted(map(repr, gone)))}: convert them to .png or .jpg"
            )
    counts = Counter(suffix(path) for paths in lost.values() for path in paths)
    if not counts:
        return []
    named = listing(f"{count:,} {ending}" for ending, count in counts.most_common())
    return [Guess("files left out", named, "Pillow does not read this format", "files converted to .png or .jpg")]


def _class_of(path: Path, folder: Path) -> str:
    """The name of the first folder below `folder`, "" for pictures without one."""
    return path.relative_to(folder).parts[0] if path not in (folder, folder / path.name) else ""


def _labelled(folder: Path, paths: list[Path], max_rows: int | None) -> list[tuple[Path, str]]:
    """Pictures and their classes."""
    paths = evenly_spread(paths, max_rows)
    labels = [_class_of(path, folder) for path in paths]
    if "" in labels and len(set(labels)) > 1:
        loose = [path.name for path, label in zip(paths, labels) if not label]
        raise DataError(
            f"{folder} holds {counted(len(loose), 'picture')} outside the folders of its classes "
            f"({listing(loose, 3)}): move them into the folder of their class, or remove them"
        )
    return list(zip(paths, labels))


def _set_unlabelled_aside(found: dict[str, list[tuple[Path, str]]], config: DataConfig) -> list[Guess]:
    """A test of pictures without classes, as competitions have, judges nothing; one that was asked for is refused."""
    if not any(label for _, label in found["train"]):
        return []
    guesses = []
    for split in [s for s, part in found.items() if s != "train" and not any(label for _, label in part)]:
        count = len(found.pop(split))
        if asked := getattr(config, split):
            raise DataError(f"--{split} {asked}: expected pictures in folders of their classes, got {count:,} without")
        why = f"its {counted(count, 'picture')} have no folders of classes"
        guesses += [Guess(f"{split} folder", "left aside", why, f"--{split}")] if count else []
    return guesses


def _classes(found: dict[str, list[tuple[Path, str]]], folders: dict[str, Path]) -> list[str]:
    """Those of the training, and those of other splits where nobody can mean to tell the training's apart in them.

    A training of one class is the beginning of a search for what does not belong; a split that shares no class with it
    asks whether new ones are told apart.

    Raises:
        DataError: If some classes of a split are known in a training of several, and others are not.
    """
    of_part = {split: {label for _, label in part if label} for split, part in found.items()}
    classes = set(of_part["train"])
    for split, labels in of_part.items():
        unknown = sorted(labels - of_part["train"])
        if len(of_part["train"]) == 1 or 1 < len(unknown) == len(labels):
            classes |= labels
        elif unknown:
            raise DataError(
                f"{folders[split]} has {counted(len(unknown), 'class')} that {folders['train']} does not have "
                f"({listing(unknown)}): expected {listing(sorted(of_part['train']), 10)}; rename or remove these "
                "folders"
            )
    return sorted(classes)


def _name(path: Path, folder: Path) -> str:
    """What a picture is called in messages: its path below the folder of its split."""
    return path.name if path == folder else str(path.relative_to(folder))


def _each(paths: list[Path], read: Callable) -> list:
    """Read every picture; those that fail are reported together."""
    results, errors = [], []
    for path in paths:
        try:
            results.append(read(path))
        except DataError as error:
            errors.append(str(error))
    raise_together(errors)
    return results


def _background(of_train: list[tuple[Path, Header]], config: DataConfig) -> tuple[str, list[Guess]]:
    """What lies under transparent parts: as asked, or what loses nothing of the training pictures."""
    if config.background:
        return config.background, []
    transparent = [path for path, head in of_train if head.has_alpha]
    some = [
        transparent[i] for i in np.linspace(0, len(transparent) - 1, min(TRANSPARENT, len(transparent))).astype(int)
    ]

    def opening(path: Path) -> Callable:
        def load():
            with opened(path) as image:
                return image.convert("RGBA")

        return load

    ground, why = choose_background([opening(path) for path in some])
    value = "left out, the stored colours are shown" if ground == "none" else f"laid on {ground}"
    return ground, [Guess("transparency", value, why, "--background")] if why else []


def _facts(headers: list[Header]) -> dict[str, dict[str, int]]:
    """How many pictures there are of each size, mode and depth, and how many know transparency or move."""
    more = {"transparency": "has_alpha", "several frames or pages": "is_animated"}
    return {
        "sizes": dict(Counter(f"{head.size[0]}x{head.size[1]}" for head in headers).most_common()),
        "modes": dict(Counter(head.mode for head in headers).most_common()),
        "depth": dict(Counter(DEPTHS[head.depth] for head in headers).most_common()),
    } | {name: {"yes": count} for name, of in more.items() if (count := sum(getattr(head, of) for head in headers))}


def _notes(headers: list[Header], channels: int) -> list[Guess]:
    modes = Counter(head.mode for head in headers)
    sizes = Counter(head.size for head in headers)
    depths = Counter(head.depth for head in headers)
    guesses = [Guess("channels", channels, "all are grey" if channels == 1 else listing(modes), "pictures of one mode")]
    if len(sizes) > 1:
        shown = listing(f"{height}x{width}" for (height, width), _ in sizes.most_common())
        guesses.append(Guess("sizes", shown, "height x width, most frequent first", "--image-size"))
    if len(depths) > 1:
        mixed = listing(f"{count:,} of {DEPTHS[depth]}" for depth, count in depths.most_common())
        guesses.append(Guess("depths", mixed, "each kind has a scale of its own", "pictures of one depth"))
    odd = Counter(head.mode for head in headers if head.depth == "bytes" and head.mode not in ("L", "RGB"))
    if odd:
        counts = listing(f"{count:,} {mode}" for mode, count in odd.items())
        guesses.append(
            Guess("converted", f"to 8-bit {'grey' if channels == 1 else 'colour'}", counts, "pictures of one mode")
        )
    if animated := sum(head.is_animated for head in headers):
        several = f"{counted(animated, 'picture')} of several"
        guesses.append(Guess("frames or pages", "the first", several, "still pictures"))
    return guesses
