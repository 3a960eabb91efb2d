"""YOLO: a text file for each picture; a line is the number of a class, then centre and size as shares of the picture.

A line of more numbers is an outline, whose box is taken; a sixth number behind a box is how sure somebody was. A
picture without a file has no boxes. Names are one per line in `classes.txt`, `obj.names` and the like, or in the list
or the table `names:` of `data.yaml`.

References:
    Redmon et al. (2016), You Only Look Once, https://arxiv.org/abs/1506.02640
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from deepglass.core.errors import DataError
from deepglass.data.reading.box_forms.annotated import Annotated, Pictures, content_of, enclosing
from deepglass.data.reading.decode import header

NAMES = ("classes.txt", "obj.names", "labels.txt", "names.txt", "coco.names", "predefined_classes.txt")
LARGEST_SHARE = 2.0  # a box may stick out; far beyond the picture, the numbers are not shares
FLOW = re.compile(r"""^names\s*:\s*\[(.*?)\]""", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^names\s*:[^\S\n]*(?:#[^\n]*)?\n((?:[ \t]+[^\n]*\n|-[^\n]*\n|[ \t]*#[^\n]*\n|[ \t]*\n)*)", re.M)
ENTRY = re.compile(r"^\s*(?:-\s*|(\d+)\s*:\s*)(.+?)\s*$")


def read(files: list[Path], pictures: Pictures, named: list[Path]) -> Iterator[Annotated]:
    """The boxes of every picture.

    Args:
        files: Those of the boxes.
        pictures: All pictures.
        named: Files that may hold the names of the classes.

    Raises:
        DataError: If a line is of another form, or its class has no name.
    """
    names, seen = names_in(named), set()
    for path in files:
        if (picture := pictures.of(path, stem=path.stem)) is None:
            continue
        seen.add(picture)
        yield _of_file(path, picture, names)
    yield from (Annotated(picture, picture) for picture in pictures.paths if picture not in seen)


def names_in(files: list[Path]) -> dict[int, str]:
    """The names of the classes by number; none where no file holds them."""
    for path in files:
        text = content_of(path).decode("utf-8-sig", "replace")
        if path.suffix.lower() in (".yaml", ".yml"):
            if found := _in_yaml(text + "\n"):
                return found
        elif lines := [line.strip() for line in text.splitlines() if line.strip()]:
            return dict(enumerate(lines))
    return {}


def _in_yaml(text: str) -> dict[int, str]:
    if flow := FLOW.search(text):
        return dict(enumerate(_bare(name) for name in flow[1].split(",") if name.strip()))
    block = BLOCK.search(text)
    entries = [found for line in (block[1].splitlines() if block else []) if (found := ENTRY.match(line))]
    return {int(found[1]) if found[1] else i: _bare(found[2]) for i, found in enumerate(entries)}


def _bare(name: str) -> str:
    name = name.strip()
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"" else name.partition(" #")[0].strip()


def _of_file(path: Path, picture: Path, names: dict[int, str]) -> Annotated:
    height, width = header(picture).size
    found = Annotated(picture, path)
    for place, line in enumerate(content_of(path).decode("utf-8-sig", "replace").splitlines(), 1):
        if not line.strip():
            continue
        kind, shares = _numbers(line, f"{path}, line {place}")
        if names and kind not in names:
            raise DataError(f"{path}, line {place}: class {kind} has no name; the names go from 0 to {max(names)}")
        x0, y0, x1, y1 = _corners(shares)
        if max(abs(edge) for edge in (x0, y0, x1, y1)) > LARGEST_SHARE:
            raise DataError(
                f"{path}, line {place}: expected centre and size as shares of the picture from 0 to 1, got "
                f"{line.strip()[:60]!r}; divide pixels by its width ({width}) and height ({height})"
            )
        found.add((x0 * width, y0 * height, x1 * width, y1 * height), names.get(kind, str(kind)))
    return found


def _numbers(line: str, where: str) -> tuple[int, np.ndarray]:
    try:
        kind, *values = (float(part) for part in line.split())
        shares = np.array(values)
        if kind < 0 or kind != int(kind) or len(shares) < 4:
            raise ValueError
    except (ValueError, OverflowError):
        shown = line.strip()[:60]
        raise DataError(
            f"{where}: expected the number of a class, then centre and size, got {shown!r}: correct the line"
        ) from None
    return int(kind), shares


def _corners(shares: np.ndarray) -> tuple[float, float, float, float]:
    if len(shares) >= 6 and len(shares) % 2 == 0:
        return enclosing(shares.reshape(-1, 2))
    x, y, width, height = (float(share) for share in shares[:4])
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2
