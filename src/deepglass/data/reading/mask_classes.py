"""From the values in masks to classes with names: by a list of names, a table of colours, or the values themselves."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.wording import listing
from deepglass.data.masked_pictures import IGNORED, MOST_CLASSES
from deepglass.data.reading.box_forms.annotated import content_of
from deepglass.data.reading.box_forms.yolo import names_in

NAMES = "--mask-names"
IGNORE = "--ignore-label"
VOC = (
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable",
    "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip
VOC_FOLDER = "segmentationclass"
VOC_VOID = 0xE0E0C0  # the colour of what VOC does not judge
COLOUR_TABLES = ("class_dict.csv", "label_colors.txt", "labelmap.txt", "colors.txt", "colours.txt", "label_colours.txt")
NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Key:
    """Which stored value stands for which class.

    Attributes:
        names: Of the classes.
        values: The value of each.
        ignored: Values of pixels that are neither learnt nor judged.
        is_colour: Whether the values are colours, 0xRRGGBB.
    """

    names: list[str]
    values: list[int]
    ignored: list[int]
    is_colour: bool = False

    def encode(self, stored: np.ndarray) -> np.ndarray:
        """Values (H, W) as positions of classes, uint8; what is ignored or of no class is `IGNORED`."""
        order = np.argsort(self.values)
        known = np.array(self.values, np.int64)[order]
        place = np.clip(np.searchsorted(known, stored), 0, len(known) - 1)
        return np.where(known[place] == stored, order[place], IGNORED).astype(np.uint8)

    def unknown(self, values: Iterable[int]) -> list[int]:
        """Those that are of no class, and not to be ignored either."""
        return sorted({*values} - {*self.values} - {*self.ignored})

    def shown(self, value: int) -> str:
        """A value as people write it."""
        return f"#{value:06x}" if self.is_colour else str(value)


def learnt_key(
    values: set[int],
    is_colour: bool,
    files: list[Path],
    folders: set[str],
    asked: tuple[str | None, str | None],
    source: str,
) -> tuple[Key, list[Guess]]:
    """The key to masks that hold these values.

    Args:
        values: All of them.
        is_colour: Whether they are colours.
        files: That may hold names.
        folders: Names of the folders of the masks, in lower case.
        asked: `--mask-names` and `--ignore-label`, None where nobody asked.
        source: For messages.

    Raises:
        DataError: If there are too many classes, or only one.
        OptionError: If what was asked for does not fit the values.
    """
    guesses: list[Guess] = []
    ignored = _ignored(values, is_colour, asked[1], guesses)
    classes = sorted(values - ignored)
    if len(classes) > MOST_CLASSES:
        raise DataError(f"{source}: its masks hold {len(classes):,} classes, {MOST_CLASSES} are possible: join some")
    if is_colour:
        names = _names_of_colours(classes, files, asked[0], guesses)
    else:
        classes, names = _names_of_values(classes, files, folders, asked[0], guesses)
    if len(classes) < 2:
        only = f"{names[0]!r} alone" if classes else "nothing but what is ignored"
        raise DataError(f"{source}: its masks hold {only}: expected two classes or more; check the masks, and {IGNORE}")
    return Key(names, classes, sorted(ignored), is_colour), guesses


def _ignored(values: set[int], is_colour: bool, asked: str | None, guesses: list[Guess]) -> set[int]:
    if asked is not None:
        return _asked_values(asked, is_colour)
    usual = VOC_VOID if is_colour else IGNORED
    if usual not in values or len(values) < 3:
        return set()
    shown = f"#{usual:06x}" if is_colour else usual
    guesses.append(Guess("ignored pixels", f"value {shown}", "the usual mark of what nobody labelled", IGNORE))
    return {usual}


def _asked_values(asked: str, is_colour: bool) -> set[int]:
    """ "255", "0,255", "#e0e0c0" or "none".

    Raises:
        OptionError: If it is something else.
    """
    if asked.strip().lower() == "none":
        return set()
    try:
        parts = [part.strip() for part in asked.split(",") if part.strip()]
        return {int(part.removeprefix("#"), 16) if is_colour else int(part) for part in parts}
    except ValueError:
        what = "a colour such as #e0e0c0" if is_colour else "a value such as 255"
        raise OptionError(f"{IGNORE}: expected {what}, several of them by commas, or none, got {asked!r}") from None


def _names_of_values(
    classes: list[int], files: list[Path], folders: set[str], asked: str | None, guesses: list[Guess]
) -> tuple[list[int], list[str]]:
    """The classes by value, and their names."""
    if asked is not None:
        return _by_list(classes, [name.strip() for name in asked.split(",") if name.strip()], asked)
    lists = [path for path in files if path.name.lower() not in COLOUR_TABLES]
    if (named := names_in(lists)) and all(value in named for value in classes):
        guesses.append(Guess("classes", listing(named.values()), f"their names in {lists[0].name}", NAMES))
        return sorted(named), [named[value] for value in sorted(named)]
    if VOC_FOLDER in folders and classes and classes[-1] < len(VOC):
        guesses.append(Guess("classes", listing(VOC), "those of Pascal VOC", NAMES))
        return [*range(len(VOC))], [*VOC]
    names = ["black", "white"] if classes == [0, 255] else [f"class {value}" for value in classes]
    guesses.append(Guess("classes", listing(names), "the values in the masks; nothing names them", NAMES))
    return classes, names


def _by_list(classes: list[int], names: list[str], asked: str) -> tuple[list[int], list[str]]:
    if len(set(names)) != len(names):
        raise OptionError(f"{NAMES} {asked}: a name occurs twice; expected different ones")
    if len(names) == len(classes):
        return classes, names
    if classes and len(names) > classes[-1]:
        return [*range(len(names))], names
    raise OptionError(
        f"{NAMES}: {len(names)} names for the values {listing(classes, 10)}: expected one for each, from the smallest"
    )


def _names_of_colours(classes: list[int], files: list[Path], asked: str | None, guesses: list[Guess]) -> list[str]:
    if asked is not None:
        return _by_list(classes, [name.strip() for name in asked.split(",") if name.strip()], asked)[1]
    named = _colour_table(files)
    names = [named.get(value, f"#{value:06x}") for value in classes]
    why = "a table of colours beside them" if named else "the colours in the masks; nothing names them"
    guesses.append(Guess("classes", listing(names), why, NAMES))
    if len(set(names)) < len(names):
        raise DataError(f"two colours have one name in {listing(path.name for path in files)}: give each its own")
    return names


def _colour_table(files: list[Path]) -> dict[int, str]:
    """Names by colour, from lines with three numbers up to 255 and a name, in any order and with any marks between."""
    for path in files:
        if path.name.lower() not in COLOUR_TABLES:
            continue
        found = {}
        for line in content_of(path).decode("utf-8-sig", "replace").splitlines():
            numbers = [int(number) for number in NUMBER.findall(line)][:3]
            name = re.sub(r"[\d,;:\t#\"]+", " ", line).strip()
            if len(numbers) == 3 and max(numbers) <= 255 and name:
                found[(numbers[0] << 16) | (numbers[1] << 8) | numbers[2]] = name
        if found:
            return found
    return {}
