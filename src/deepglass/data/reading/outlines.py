"""Masks that are drawn and not painted: outlines and runs of pixels in COCO, labelme and YOLO files.

Every region is of a class; where two overlap, the smaller one lies on top. What no region covers is the background.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core.errors import DataError
from deepglass.core.run_lengths import region_of_outline, region_of_runs, unpacked
from deepglass.data.reading.box_forms import coco, yolo
from deepglass.data.reading.box_forms.annotated import LARGEST, Pictures, content_of, json_of, named_split, number

BACKGROUND = "background"
MOST_POINTS = 100_000  # of one outline
FEWEST_NUMBERS = 6  # of an outline: three points
SHAPES = ("polygon", "rectangle", "circle")  # of labelme; lines and points cover nothing


@dataclass
class Drawn:
    """The regions of one picture: their class, and outlines (n, 2) in pixels or what COCO has for runs."""

    picture: Path
    source: Path
    regions: list[tuple[str, Any]] = field(default_factory=list)
    split: str | None = None
    are_shares: bool = False  # whether points are shares of the picture

    def mask(self, classes: list[str], height: int, width: int) -> np.ndarray:
        """(height, width) uint8 positions in `classes`, of which the background is the first.

        Raises:
            DataError: If runs do not fill the picture.
        """
        painted = [(self._region(region, height, width), classes.index(label)) for label, region in self.regions]
        mask = np.zeros((height, width), np.uint8)
        for region, label in sorted(painted, key=lambda part: -int(part[0].sum())):
            mask[region] = label
        return mask

    def _region(self, region: Any, height: int, width: int) -> np.ndarray:
        if isinstance(region, dict):
            return _of_runs(region, height, width, self.source)
        whole = np.zeros((height, width), bool)
        for points in region:
            whole |= region_of_outline(points * [width, height] if self.are_shares else points, height, width)
        return whole


def read(files: list[Path], pictures: Pictures, named: list[Path]) -> Iterator[Drawn]:
    """What is drawn in annotation files, picture by picture; pictures without a region are background.

    Args:
        files: COCO JSON, labelme JSON or YOLO text.
        pictures: All pictures.
        named: Files that may hold the names of YOLO's classes.

    Raises:
        DataError: If a file is damaged, or has boxes alone.
    """
    if files[0].suffix.lower() == ".txt":
        return _of_yolo(files, pictures, named)
    if files[0].suffix.lower() == ".json":
        return _of_coco(files, pictures) if coco.is_coco(files[0]) else _of_labelme(files, pictures)
    raise DataError(f"{files[0]} holds boxes: expected masks, or outlines in COCO, labelme or YOLO files")


def _of_coco(files: list[Path], pictures: Pictures) -> Iterator[Drawn]:
    for path in files:
        content = json_of(path, LARGEST)
        split = (named_split(path.stem) or named_split(path.parent.name)) if len(files) > 1 else None
        names = {item.get("id"): str(item.get("name")) for item in content.get("categories") or []}
        found: dict[Any, Drawn] = {}
        for item in content["images"]:
            if place := pictures.of(path, str(item.get("file_name", ""))):
                found[item.get("id")] = Drawn(place, path, split=split)
        for item in content["annotations"]:
            drawn, region = found.get(item.get("image_id")), item.get(coco.OUTLINE)
            if drawn is None or not region:
                continue
            if item.get("category_id") not in names:
                raise DataError(
                    f"{path}: category_id {str(item.get('category_id'))[:40]} is not among its categories: add it"
                )
            is_outline = isinstance(region, list)
            region = [_points(part, path) for part in region] if is_outline else region
            drawn.regions.append((names[item["category_id"]], region))
        yield from found.values()


def _of_labelme(files: list[Path], pictures: Pictures) -> Iterator[Drawn]:
    for path in files:
        content = json_of(path)
        place = pictures.of(path, str(content.get("imagePath", "")), stem=path.stem)
        if place is None:
            continue
        drawn = Drawn(place, path)
        for shape in content.get("shapes") or []:
            kind, points = shape.get("shape_type", "polygon"), shape.get("points") or []
            if kind in SHAPES:
                flat = [value for point in points for value in point]
                drawn.regions.append((str(shape.get("label")), [_shape(kind, flat, path)]))
        yield drawn


def _of_yolo(files: list[Path], pictures: Pictures, named: list[Path]) -> Iterator[Drawn]:
    names, seen = yolo.names_in(named), set()
    for path in files:
        if (place := pictures.of(path, stem=path.stem)) is None:
            continue
        seen.add(place)
        drawn = Drawn(place, path, are_shares=True)
        for line in content_of(path).decode("utf-8-sig", "replace").splitlines():
            if not (cells := line.split()):
                continue
            if len(cells) - 1 < FEWEST_NUMBERS:
                raise DataError(
                    f"{path} holds boxes: expected an outline in every line, a class and three points or more"
                )
            label = int(number(cells[0], path, "a class"))
            drawn.regions.append((names.get(label, f"class {label}"), [_points(cells[1:], path)]))
        yield drawn
    yield from (Drawn(picture, picture) for picture in pictures.paths if picture not in seen)


def _shape(kind: str, flat: list[Any], path: Path) -> np.ndarray:
    """The outline (n, 2) of a shape of labelme."""
    if kind == "polygon":
        return _points(flat, path)
    if len(flat) != 4:
        raise DataError(f"{path}: expected two points of a {kind}, got {len(flat) // 2}")
    x0, y0, x1, y1 = (number(value, path, "a point") for value in flat)
    if kind == "rectangle":
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    turn = np.linspace(0, 2 * np.pi, 73)[:-1]
    return np.array([x0, y0]) + np.hypot(x1 - x0, y1 - y0) * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def _points(flat: Any, path: Path) -> np.ndarray:
    """x, y, x, y, … as (n, 2).

    Raises:
        DataError: If they are no outline.
    """
    if not isinstance(flat, list) or len(flat) % 2 or not FEWEST_NUMBERS <= len(flat) <= 2 * MOST_POINTS:
        raise DataError(f"{path}: expected an outline as x, y, x, y, … of three points or more, got {str(flat)[:60]}")
    points = np.array([number(value, path, "a point of an outline") for value in flat]).reshape(-1, 2)
    if not np.isfinite(points).all():
        raise DataError(f"{path}: an outline has points that are not numbers: remove it, or export it again")
    return points


def _of_runs(region: dict[str, Any], height: int, width: int, path: Path) -> np.ndarray:
    try:
        counts = region["counts"]
        lengths = unpacked(counts) if isinstance(counts, str) else [int(count) for count in counts]
        return region_of_runs(lengths, height, width)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: a region of a picture of {width} x {height} has no valid runs ({error})") from None
