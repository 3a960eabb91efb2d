"""Pictures among the answers, masks or made ones: written beside each other as files, or left out of a table."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from deepglass.core import files, label_pictures
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.core.wording import counted


def is_picture(value: Any) -> bool:
    """Whether a cell of an answer is a PNG inside its own address."""
    return isinstance(value, str) and value.startswith(label_pictures.PREFIX)


def written(records: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Write every picture as NAME_KEY.png, a mask over its picture as NAME_overlay.png too; its cell becomes the path.

    Args:
        records: Answers; what was asked about is in their `file`, where it was one.
        folder: Made where it is missing.
    """
    found, taken = [], set()
    for number, record in enumerate(records, 1):
        stem = _free(Path(str(record.get("file", f"{number:05}"))).stem, taken)
        found.append({key: _as_file(folder / f"{stem}_{key}.png", value) for key, value in record.items()})
        masks = [value for value in record.values() if is_picture(value) and _is_mask(value)]
        if masks and "file" in record:
            _overlay(Path(record["file"]), masks[0], folder / f"{stem}_overlay.png")
    if not any(map(is_picture, (value for record in records for value in record.values()))):
        console.warn("--pictures: there are none among these answers, so nothing was written for it")
    return found


def without(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same without pictures, which no table shows; says how they are had."""
    bare = [{key: value for key, value in record.items() if not is_picture(value)} for record in records]
    left_out = sum(len(record) - len(kept) for record, kept in zip(records, bare))
    if left_out:
        console.say(
            f"  {counted(left_out, 'picture')} left out of the table: --pictures FOLDER writes them, --json too"
        )
    return bare


def drawn(records: list[dict[str, Any]], folder: Path | None, *, is_json: bool) -> list[dict[str, Any]]:
    """Records of a generator: its pictures are written as 00001.png, 00002.png, … and their cells become the paths.

    Args:
        records: Of rows, or each with a picture inside its own address.
        folder: Made where it is missing; None where nobody asked for files.
        is_json: Whether the addresses themselves may stay.

    Raises:
        OptionError: If there is no picture to write, or no place for one.
    """
    has_pictures = is_picture(next(iter(records[0].values())))
    if not has_pictures and folder is not None:
        raise OptionError("--pictures has no effect: this run makes rows; leave it out")
    if not has_pictures or (is_json and folder is None):
        return records
    if folder is None:
        raise OptionError("this run makes pictures: --pictures FOLDER writes them, --json prints them")
    return [
        {key: _as_file(folder / f"{number:05}.png", value) for key, value in record.items()}
        for number, record in enumerate(records, 1)
    ]


def _as_file(path: Path, value: Any) -> Any:
    if not is_picture(value):
        return value
    files.write_bytes(path, _png(value))
    return str(path)


def _png(uri: str) -> bytes:
    return base64.b64decode(uri.removeprefix(label_pictures.PREFIX))


def _is_mask(uri: str) -> bool:
    """Whether the values of a picture are positions in a palette: then it can be laid over another."""
    with Image.open(io.BytesIO(_png(uri)), formats=("PNG",)) as image:
        return image.mode == "P"


def _overlay(picture: Path, mask: str, path: Path) -> None:
    from deepglass.data.reading.decode import decode

    labels, pixels = label_pictures.from_uri(mask), decode(picture, 3)
    if pixels.dtype != np.uint8:  # deep pictures: from their darkest to their brightest value
        low, high = pixels.min(), pixels.max()
        pixels = ((pixels - low) * (255 / max(high - low, 1e-12))).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    label_pictures.overlay(pixels, labels).save(path)


def _free(stem: str, taken: set[str]) -> str:
    """A name that no other picture has: files of two folders may be called alike."""
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    taken.add(name)
    return name
