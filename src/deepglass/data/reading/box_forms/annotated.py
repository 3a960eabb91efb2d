"""What every form of boxes is read into, and what all of them do: find the picture, read numbers, bound files."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core.errors import DataError
from deepglass.data.boxed_pictures import COUNTS
from deepglass.data.reading.opening import require_ordinary
from deepglass.data.reading.table import split_of

LARGEST_OF_ONE = 20_000_000  # bytes of the annotation of one picture
LARGEST = 500_000_000  # bytes of the annotation of many
MOST_BOXES = 5_000  # of one picture; the most crowded sets of the field have about 2,000


@dataclass
class Annotated:
    """The boxes of a picture as they are written: perhaps outside it, empty, or not numbers at all.

    Attributes:
        picture: Its file.
        source: The file of the annotation, for messages.
        boxes: (x0, y0, x1, y1) each, in pixels.
        labels: The class of each.
        states: COUNTS, DIFFICULT or CROWD of each.
        size: Height and width as the annotation states them.
        split: That the annotation belongs to, where it says so.
    """

    picture: Path
    source: Path
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    states: list[int] = field(default_factory=list)
    size: tuple[int, int] | None = None
    split: str | None = None

    def add(self, box: tuple[float, float, float, float], label: str, state: int = COUNTS) -> None:
        """One more box.

        Raises:
            DataError: If these are more than any picture of things to find has, or the class has no name.
        """
        if not label.strip():
            raise DataError(f"{self.source}: box {len(self.boxes) + 1} has no class: name it, or remove the box")
        if len(self.boxes) >= MOST_BOXES:
            raise DataError(
                f"{self.source}: more than {MOST_BOXES:,} boxes in {self.picture.name}: expected things to be found "
                "one by one; cut the picture into parts, or remove boxes"
            )
        self.boxes.append(box)
        self.labels.append(label.strip())
        self.states.append(state)


@dataclass
class Pictures:
    """The picture files of a source; annotations find theirs here, and those that are missing are noted."""

    paths: Sequence[Path]
    missing: list[str] = field(default_factory=list)  # "a.xml (a.jpg)"

    @cached_property
    def by_name(self) -> dict[str, list[Path]]:
        return _grouped(self.paths, lambda path: path.name)

    @cached_property
    def by_stem(self) -> dict[str, list[Path]]:
        return _grouped(self.paths, lambda path: path.stem)

    def of(self, source: Path, name: str = "", *, stem: str = "") -> Path | None:
        """The picture that an annotation belongs to, or None where it is missing.

        Args:
            source: The annotation.
            name: What it calls its picture; folders in it may be those of another computer.
            stem: Where the name does not help: the name without ending, such as that of the annotation itself.

        Raises:
            DataError: If several fit alike.
        """
        parts = name.replace("\\", "/").split("/")
        found = self.by_name.get(parts[-1]) or self.by_stem.get(parts[-1]) or self.by_stem.get(stem) or []
        if len(found) > 1:
            around = [*source.parts[:-1], *parts[:-1]]
            near = {path: _shared(path.parts[:-1], around) for path in found}
            found = [path for path in found if near[path] == max(near.values())]
        if len(found) > 1:
            shown = " and ".join(str(path) for path in found[:2])
            raise DataError(f"{source}: {parts[-1] or stem} may be {shown}: give pictures different names")
        if not found:
            self.missing.append(f"{source.name} ({parts[-1]})" if parts[-1] else source.name)
        return found[0] if found else None


def content_of(path: Path, most: int = LARGEST_OF_ONE) -> bytes:
    """The bytes of an annotation.

    Raises:
        DataError: If it cannot be read, or is larger than any annotation.
    """
    try:
        require_ordinary(path)
        if path.stat().st_size > most:
            raise DataError(f"{path} has {path.stat().st_size:,} bytes: expected an annotation of at most {most:,}")
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}): check its permissions") from None


def json_of(path: Path, most: int = LARGEST_OF_ONE) -> dict[str, Any]:
    """A JSON object.

    Raises:
        DataError: If the file holds something else.
    """
    try:
        found = json.loads(content_of(path, most))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is not valid JSON ({error}): copy or export it again") from None
    if not isinstance(found, dict):
        raise DataError(f"{path}: expected a JSON object, got a {type(found).__name__}")
    return found


def number(value: Any, source: Path, what: str) -> float:
    """A number of an annotation, as it is written.

    Raises:
        DataError: If it is none; names the file.
    """
    try:
        if isinstance(value, bool) or value is None:
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        shown = "nothing" if value is None else repr(value)[:40]
        raise DataError(f"{source}: expected a number for {what}, got {shown}") from None


def whole(value: Any) -> int | None:
    """A whole number above 0, or None."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return int(found) if np.isfinite(found) and found >= 1 else None


def size_of(height: Any, width: Any) -> tuple[int, int] | None:
    """A size that an annotation states; None where it states none, or zeros."""
    found = whole(height), whole(width)
    return (found[0], found[1]) if found[0] and found[1] else None


def enclosing(points: np.ndarray) -> tuple[float, float, float, float]:
    """The box around points (n, 2)."""
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def named_split(name: str) -> str | None:
    """The split that a name speaks of, also with a year behind it: instances_train2017 → train."""
    return split_of(name.rstrip("0123456789"))


def _grouped(paths: Sequence[Path], key: Any) -> dict[str, list[Path]]:
    groups: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        groups[key(path)].append(path)
    return dict(groups)


def _shared(folders: Sequence[str], around: list[str]) -> int:
    """How many of the folders are named around the annotation too: images/train/1.jpg is near labels/train/1.txt."""
    return sum(folder in around for folder in folders)
