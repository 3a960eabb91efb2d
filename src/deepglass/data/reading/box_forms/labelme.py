"""labelme: a JSON file for each picture; a shape is a label and its points in pixels.

The box of an outline is the one around it; points and lines have none.

References:
    Wada (2016), labelme: Image Polygonal Annotation with Python, https://github.com/wkentaro/labelme
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core.errors import DataError
from deepglass.data.reading.box_forms.annotated import Annotated, Pictures, enclosing, json_of, number, size_of

WITHOUT_AREA = ("point", "points", "line", "linestrip")
LARGEST = 200_000_000  # bytes: the picture itself may lie in the file


def read(files: list[Path], pictures: Pictures) -> Iterator[Annotated]:
    """The boxes of every picture that has a file.

    Raises:
        DataError: If a file is damaged, or a shape has no label.
    """
    for path in files:
        content = json_of(path, LARGEST)
        name = content.get("imagePath")
        picture = pictures.of(path, name if isinstance(name, str) else "", stem=path.stem)
        if picture is None:
            continue
        found = Annotated(picture, path, size=size_of(content.get("imageHeight"), content.get("imageWidth")))
        shapes = content.get("shapes")
        if not isinstance(shapes, list) or not all(isinstance(shape, dict) for shape in shapes):
            raise DataError(f"{path}: expected 'shapes' to be a list of objects")
        for shape in shapes:
            if shape.get("shape_type") not in WITHOUT_AREA and shape.get("points"):
                found.add(_box(shape, path), str(shape.get("label") or ""))
        yield found


def _box(shape: dict[str, Any], path: Path) -> tuple[float, float, float, float]:
    points = shape["points"]
    if not isinstance(points, list) or not all(isinstance(point, list) and len(point) == 2 for point in points):
        raise DataError(f"{path}: expected points as [[x, y], …], got {str(points)[:60]}")
    corners = np.array([[number(value, path, "a point") for value in point] for point in points])
    if shape.get("shape_type") == "circle" and len(corners) == 2:  # the centre, and a point on the line
        radius = float(np.hypot(*(corners[1] - corners[0])))
        corners = np.stack([corners[0] - radius, corners[0] + radius])
    return enclosing(corners)
