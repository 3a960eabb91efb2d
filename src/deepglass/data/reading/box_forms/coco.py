"""COCO: one JSON file for many pictures; a box is its left upper corner, its width and its height.

{"images": [{"id", "file_name", "height", "width"}], "categories": [{"id", "name"}],
 "annotations": [{"image_id", "category_id", "bbox": [x, y, width, height], "iscrowd"}]}

References:
    Lin et al. (2014), Microsoft COCO, https://arxiv.org/abs/1405.0312
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deepglass.core.errors import DataError
from deepglass.data.boxed_pictures import COUNTS, CROWD
from deepglass.data.reading.box_forms.annotated import (
    LARGEST,
    Annotated,
    Pictures,
    json_of,
    named_split,
    number,
    size_of,
)

OUTLINE = "segmentation"  # of an annotation: polygons, or runs of pixels


def is_coco(path: Path) -> bool:
    """Whether a JSON file is of this form, and not one of labelme."""
    found = json_of(path, LARGEST)
    return all(isinstance(found.get(key), list) for key in ("images", "annotations"))


def read(files: list[Path], pictures: Pictures) -> Iterator[Annotated]:
    """The pictures that the files list, with or without boxes; what a file's name says of a split is kept.

    Raises:
        DataError: If a file is damaged, or an annotation has no picture, no category or no box.
    """
    for path in files:
        content = json_of(path, LARGEST)
        split = (named_split(path.stem) or named_split(path.parent.name)) if len(files) > 1 else None
        names = {_id(item, path): str(item.get("name", "")) for item in _records(content, "categories", path)}
        found: dict[Any, Annotated | None] = {}
        for item in _records(content, "images", path):
            place = pictures.of(path, str(item.get("file_name", "")))
            size = size_of(item.get("height"), item.get("width"))
            found[_id(item, path)] = Annotated(place, path, size=size, split=split) if place else None
        for item in _records(content, "annotations", path):
            _add(item, found, names, path)
        yield from (each for each in found.values() if each)


def _add(item: dict[str, Any], found: dict[Any, Annotated | None], names: dict[Any, str], path: Path) -> None:
    image, category, box = item.get("image_id"), item.get("category_id"), item.get("bbox")
    if not box:
        return  # a caption, or points alone
    if not isinstance(box, list) or len(box) != 4:
        raise DataError(f"{path}: expected bbox as [x, y, width, height], got {str(box)[:60]}")
    if not _is_known(image, found):
        raise DataError(f"{path}: an annotation belongs to image_id {str(image)[:40]}, which is not among its images")
    if not _is_known(category, names):
        raise DataError(f"{path}: category_id {str(category)[:40]} is not among its categories: add it, with a name")
    x, y, width, height = (number(value, path, "bbox") for value in box)
    if (picture := found[image]) is not None:
        picture.add((x, y, x + width, y + height), names[category], CROWD if item.get("iscrowd") else COUNTS)


def _is_known(key: Any, found: dict[Any, Any]) -> bool:
    return isinstance(key, int | str) and key in found


def _records(content: dict[str, Any], key: str, path: Path) -> list[dict[str, Any]]:
    found = content.get(key) or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise DataError(f"{path}: expected {key!r} to be a list of objects")
    return found


def _id(item: dict[str, Any], path: Path) -> Any:
    if not isinstance(item.get("id"), int | str):
        raise DataError(f"{path}: {str(item)[:60]} has no id: expected a number")
    return item["id"]
