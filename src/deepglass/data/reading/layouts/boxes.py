"""Pictures with boxes: Pascal VOC's XML, COCO's JSON, YOLO's text files, labelme's JSON.

References:
    Everingham et al. (2010), The Pascal Visual Object Classes Challenge, https://doi.org/10.1007/s11263-009-0275-4
    Lin et al. (2014), Microsoft COCO, https://arxiv.org/abs/1405.0312
    Redmon et al. (2016), You Only Look Once, https://arxiv.org/abs/1506.02640 (one line each: class, centre, size)
"""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from deepglass.core.errors import DataError
from deepglass.data.containers import Layout
from deepglass.data.reading.box_forms import yolo
from deepglass.data.reading.declared_splits import lists_in
from deepglass.data.reading.listing import Listing, some
from deepglass.data.reading.opening import require_ordinary

MOST_READ = 5_000  # annotation files whose boxes are counted
PROBED = 20  # of which most must look like annotations
SHARE = 0.8
MOST_COCO = 20  # files; labelme has one for each picture
LARGEST_JSON = 500_000_000  # bytes
YOLO_LINE = re.compile(r"\s*(\d+)((?:\s+-?\d*\.?\d+(?:[eE][-+]?\d+)?){4,})\s*")


def recognise(listing: Listing) -> Layout | None:
    """Boxes in any of the known forms, or None."""
    pictures = listing.pictures
    if not pictures:
        return None
    for form in (_voc, _coco, _labelme, _yolo):
        if found := form(listing, pictures):
            return found
    return None


def of_coco(path: Path) -> Layout | None:
    """A COCO file by itself, or None where it is another JSON."""
    content = _coco_content(path)
    return _of_coco(content, path.name, [path], []) if content else None


def _voc(listing: Listing, pictures: list[Path]) -> Layout | None:
    files = listing.by_suffix.get(".xml", [])
    contents = [_text(listing.folder / path) for path in some(files, PROBED)]
    are_annotations = sum("<annotation" in text for text in contents) >= SHARE * len(contents)
    if not are_annotations or not any("<bndbox" in text for text in contents):  # many a picture may hold nothing
        return None
    counts: Counter[str] = Counter()
    for path in some(files, MOST_READ):
        counts.update(re.findall(r"<object>.*?<name>\s*(.*?)\s*</name>", _text(listing.folder / path), re.DOTALL))
    return _layout(listing, "Pascal VOC XML", pictures, files, counts)


def _coco(listing: Listing, pictures: list[Path]) -> Layout | None:
    read = {path: _coco_content(listing.folder / path) for path in listing.by_suffix.get(".json", [])[:MOST_COCO]}
    files, contents = [path for path, found in read.items() if found], [found for found in read.values() if found]
    if not files:
        return None
    merged = {key: [item for content in contents for item in content[key]] for key in ("images", "annotations")}
    merged["categories"] = contents[0].get("categories") or []
    return _of_coco(merged, listing.folder.name, listing.whole(files), listing.whole(pictures))


def _of_coco(content: dict[str, Any], name: str, files: list[Path], pictures: list[Path]) -> Layout:
    names = {item.get("id"): str(item.get("name")) for item in content.get("categories") or []}
    boxes = [item for item in content["annotations"] if isinstance(item, dict) and item.get("bbox")]
    counts = Counter(names.get(item.get("category_id"), str(item.get("category_id"))) for item in boxes)
    captions = sum("caption" in item for item in content["annotations"] if isinstance(item, dict))
    kind, what = ("boxes", "pictures with boxes in COCO JSON")
    facts = {"pictures": len(content["images"]), "boxes": len(boxes), "classes": len(counts)}
    if captions and not boxes:
        kind, what, facts = "captions", "pictures with captions in COCO JSON", {
            "pictures": len(content["images"]), "captions": captions
        }  # fmt: skip
    roles = {"images": pictures, "annotations": files}
    return Layout(kind, name, what, facts, dict(counts.most_common()), roles)


def _labelme(listing: Listing, pictures: list[Path]) -> Layout | None:
    stems = {path.with_suffix("") for path in pictures}
    files = [path for path in listing.by_suffix.get(".json", []) if path.with_suffix("") in stems]
    contents = [_json(listing.folder / path) for path in some(files, MOST_READ)]
    shapes = [content["shapes"] for content in contents if isinstance(content, dict) and "shapes" in content]
    if not files or len(shapes) < SHARE * len(contents):
        return None
    counts = Counter(str(shape.get("label")) for part in shapes for shape in part if isinstance(shape, dict))
    return _layout(listing, "labelme JSON", pictures, files, counts, "shapes")


def _yolo(listing: Listing, pictures: list[Path]) -> Layout | None:
    """Text files of the pictures' names whose lines are a class and four or more numbers."""
    stems = {path.stem for path in pictures}
    files = [path for path in listing.by_suffix.get(".txt", []) if path.stem in stems]
    probe = [_text(listing.folder / path) for path in some(files, PROBED)]
    if not files or sum(_is_yolo(text) for text in probe) < SHARE * len(probe) or not any(map(str.strip, probe)):
        return None
    names = yolo.names_in(listing.whole(_named(listing)))
    numbers: Counter[int] = Counter()
    for path in some(files, MOST_READ):
        lines = _text(listing.folder / path).splitlines()
        numbers.update(int(match[1]) for line in lines if (match := YOLO_LINE.fullmatch(line)))
    counts = Counter({names.get(number, str(number)): count for number, count in numbers.items()})
    return _layout(listing, "YOLO text files", pictures, files, counts)


def _is_yolo(text: str) -> bool:
    """An empty file is a picture without boxes."""
    return all(YOLO_LINE.fullmatch(line) for line in text.splitlines() if line.strip())


def _named(listing: Listing) -> list[Path]:
    """Files that may hold the names of the classes."""
    return [path for path in listing.files if path.name.lower() in yolo.NAMES or path.suffix in (".yaml", ".yml")]


def _layout(
    listing: Listing, form: str, pictures: list[Path], files: list[Path], counts: Counter, noun: str = "boxes"
) -> Layout:
    roles = {"images": listing.whole(pictures), "annotations": listing.whole(files)}
    roles |= {"lists": listing.whole(lists_in(listing)), "names": listing.whole(_named(listing))}
    read = some(files, MOST_READ)
    facts = {"pictures": len(pictures), "annotation files": len(files), noun: counts.total(), "classes": len(counts)}
    if len(read) < len(files):
        facts[f"{noun} in the first {len(read):,} files"] = facts.pop(noun)
    name = listing.folder.name
    return Layout("boxes", name, f"pictures with {noun} in {form}", facts, dict(counts.most_common()), roles)


def _coco_content(path: Path) -> dict[str, Any] | None:
    require_ordinary(path)
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.lstrip().startswith(b"{"):
        return None
    content = _json(path)
    if not isinstance(content, dict):
        return None
    return content if all(isinstance(content.get(key), list) for key in ("images", "annotations")) else None


def _json(path: Path) -> Any:
    """The content, or None where it is not JSON or too large to be looked at."""
    if path.stat().st_size > LARGEST_JSON:
        return None
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}): check its permissions") from None
