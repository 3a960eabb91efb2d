"""Pascal VOC: one XML file for each picture, corners in pixels.

<annotation><filename/><size><width/><height/></size>
    <object><name/><difficult/><bndbox><xmin/><ymin/><xmax/><ymax/></bndbox></object> … </annotation>

Coordinates are taken as they are written: the first files of the challenge counted pixels from 1, most since from 0.

References:
    Everingham et al. (2010), The Pascal Visual Object Classes Challenge, https://doi.org/10.1007/s11263-009-0275-4
"""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from deepglass.data.boxed_pictures import COUNTS, DIFFICULT
from deepglass.data.reading.box_forms.annotated import Annotated, Pictures, content_of, number, size_of
from deepglass.data.reading.xml_tree import tree_of

CORNERS = ("xmin", "ymin", "xmax", "ymax")


def read(files: list[Path], pictures: Pictures) -> Iterator[Annotated]:
    """The boxes of every picture that has a file.

    Raises:
        DataError: If a file is damaged, or a box has no class or no numbers.
    """
    for path in files:
        root = tree_of(content_of(path), path)
        picture = pictures.of(path, _text(root, "filename"), stem=path.stem)
        if picture is None:
            continue
        found = Annotated(picture, path, size=size_of(_text(root, "size/height"), _text(root, "size/width")))
        for thing in root.findall("object"):
            corners = thing.find("bndbox")
            if corners is None:
                continue  # a polygon or a part; what has no box is not asked for
            x0, y0, x1, y1 = (number(_text(corners, corner) or None, path, corner) for corner in CORNERS)
            state = DIFFICULT if _text(thing, "difficult").lower() in ("1", "true") else COUNTS
            found.add((x0, y0, x1, y1), _text(thing, "name"), state)
        yield found


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()
