"""Pictures with boxes, read: from the layout of a folder to pictures, boxes in pixels, classes and declared splits.

    layout ── one file for each form (`box_forms/`) ── boxes as written ── clipped, empty ones left out ── BoxedPictures

Whatever is left out or changed is said, with the names of the files.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from deepglass.core.errors import DataError
from deepglass.core.wording import counted, listing
from deepglass.data.boxed_pictures import CROWD, DIFFICULT, BoxedPictures
from deepglass.data.config import DataConfig
from deepglass.data.containers import Layout
from deepglass.data.reading.box_forms import coco, labelme, table, voc, yolo
from deepglass.data.reading.box_forms.annotated import Annotated, Pictures
from deepglass.data.reading.declared_splits import declared
from deepglass.data.reading.decode import header, raise_together
from deepglass.data.reading.images import from_paths
from deepglass.data.reading.listing import Listing

OUTSIDE = 1.0  # pixels that a box may stick out unsaid: some tools count from 1
MOST_LOST = 0.5  # share of the boxes, or of the pictures, beyond which the source is not what it seems


def read_boxes(layout: Layout, config: DataConfig) -> BoxedPictures:
    """The pictures and boxes of a layout; what was read is kept in its `content`.

    Args:
        layout: Of the kind "boxes"; its `guesses` and `splits` are filled in.
        config: How the pictures are read.

    Raises:
        DataError: If a file is damaged, there is nothing to find, or most boxes or pictures are unusable.
    """
    if layout.content is None:
        layout.content = _read(layout, config)
    return layout.content


def _read(layout: Layout, config: DataConfig) -> BoxedPictures:
    pictures = Pictures(layout.files.get("images") or _around(layout.files["annotations"]))
    remarks: list[str] = []
    found = _of_one_picture_each(_annotated(layout, pictures, config), remarks)
    remarks += _missing(layout, pictures, found)
    sizes = _sizes(found)
    boxes, kept = _tidy(found, sizes, remarks)
    classes = sorted({label for each, keep in zip(found, kept) for label, k in zip(each.labels, keep) if k})
    if not classes:
        raise DataError(f"{layout.name}: no box in {counted(len(found), 'picture')}: expected things to be found")
    layout.splits = declared(layout, [each.picture for each in found], [each.split for each in found])
    paths = [each.picture for each in found]
    images = from_paths(layout.name, paths, layout.splits.get("train", np.arange(len(paths))), config)
    layout.guesses += images.guesses
    known = vars(images) | {"columns": layout.columns, "classes": classes, "splits": layout.splits}
    known["names"] = [str(path) for path in paths]
    labels = [[label for label, keeps in zip(each.labels, keep) if keeps] for each, keep in zip(found, kept)]
    return BoxedPictures(
        **known,
        sizes=sizes,
        boxes=boxes,
        box_labels=[np.array([classes.index(label) for label in part], np.int64) for part in labels],
        states=[np.array(each.states, np.int64)[keep] for each, keep in zip(found, kept)],
        remarks=remarks + _states(found),
    )


# -- which boxes belong to which picture ------------------------------------------------------------------------------


def _annotated(layout: Layout, pictures: Pictures, config: DataConfig) -> Iterator[Annotated]:
    if layout.frame is not None:
        return table.read(layout.frame, layout.files["rows"], config.target, layout.splits)
    files = layout.files["annotations"]
    if files[0].suffix.lower() == ".xml":
        return voc.read(files, pictures)
    if files[0].suffix.lower() == ".txt":
        return yolo.read(files, pictures, layout.files.get("names", []))
    if coco.is_coco(files[0]):
        return coco.read(files, pictures)
    return labelme.read(files, pictures)


def _around(files: list[Path]) -> list[Path]:
    """The pictures beside a file of annotations that was given by itself, or else in the folder above."""
    for folder in (files[0].parent, files[0].parent.parent):
        listed = Listing.of(folder)
        if listed.pictures:
            return listed.whole(listed.pictures)
    raise DataError(f"{files[0]}: no pictures beside it or in the folder above: give the folder that holds both")


def _of_one_picture_each(annotated: Iterator[Annotated], remarks: list[str]) -> list[Annotated]:
    """In the order of the pictures' names; of a picture with several annotations the boxes are put together."""
    found: dict[Path, Annotated] = {}
    again = []
    for each in annotated:
        if each.picture not in found:
            found[each.picture] = each
            continue
        again.append(each.picture.name)
        for box, label, state in zip(each.boxes, each.labels, each.states):
            found[each.picture].add(box, label, state)
    if again:
        remarks.append(f"{counted(len(again), 'picture')} with several annotations ({listing(again)}): put together")
    return [found[path] for path in sorted(found)]


def _missing(layout: Layout, pictures: Pictures, found: list[Annotated]) -> list[str]:
    """Annotations without a picture, and pictures without an annotation.

    Raises:
        DataError: If that is what most of them are.
    """
    lost, remarks = pictures.missing, []
    if len(lost) > MOST_LOST * (len(lost) + len(found)):
        raise DataError(
            f"{layout.name}: {counted(len(lost), 'annotation')} without a picture ({listing(lost)}) and "
            f"{len(found):,} with one: expected the pictures that the annotations name"
        )
    if lost:
        remarks.append(f"{counted(len(lost), 'annotation')} without a picture ({listing(lost)}): left out")
    with_boxes = {each.picture for each in found}
    if bare := [path.name for path in pictures.paths if path not in with_boxes]:
        remarks.append(f"{counted(len(bare), 'picture')} without an annotation ({listing(bare)}): left out")
    return remarks


# -- boxes as they can be learnt --------------------------------------------------------------------------------------


def _sizes(found: list[Annotated]) -> np.ndarray:
    """(N, 2) height and width of the pictures.

    Raises:
        DataError: If some are broken; names them together.
    """
    sizes, broken = [], []
    for each in found:
        try:
            sizes.append(header(each.picture).size)
        except DataError as error:
            broken.append(str(error))
    raise_together(broken)
    return np.array(sizes, np.int64).reshape(-1, 2)


def _tidy(found: list[Annotated], sizes: np.ndarray, remarks: list[str]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Boxes inside their pictures, and which of those that were written they are.

    Raises:
        DataError: If most are unusable.
    """
    boxes, kept = [], []
    odd: dict[str, list[str]] = {"empty or inverted": [], "not numbers": [], "outside": [], "clipped": [], "size": []}
    for each, (height, width) in zip(found, sizes):
        written = np.array(each.boxes, np.float64).reshape(-1, 4)
        is_finite = np.isfinite(written).all(axis=1)
        written = np.where(is_finite[:, None], written, 0)
        inside = np.clip(written, 0, np.array([width, height, width, height]))
        has_area = ((written[:, 2:] > written[:, :2]).all(axis=1)) & is_finite
        is_inside = (inside[:, 2:] > inside[:, :2]).all(axis=1)
        keep = has_area & is_inside
        sticks_out = keep & (np.abs(written - inside).max(axis=1, initial=0) > OUTSIDE)
        name = each.source.name
        odd["not numbers"] += [name] * int((~is_finite).sum())
        odd["empty or inverted"] += [name] * int((is_finite & ~has_area).sum())
        odd["outside"] += [name] * int((has_area & ~is_inside).sum())
        odd["clipped"] += [name] * int(sticks_out.sum())
        odd["size"] += [name] * (each.size is not None and each.size != (height, width))
        boxes.append(inside[keep].astype(np.float32))
        kept.append(keep)
    _require_most(odd, sum(len(keep) for keep in kept))
    remarks += _sentences(odd)
    return boxes, kept


def _require_most(odd: dict[str, list[str]], total: int) -> None:
    lost = {what: odd[what] for what in ("empty or inverted", "not numbers", "outside") if odd[what]}
    if sum(map(len, lost.values())) > MOST_LOST * total:
        shown = "; ".join(f"{len(names):,} {what} ({listing(dict.fromkeys(names))})" for what, names in lost.items())
        raise DataError(
            f"most of {counted(total, 'box')} cannot be learnt from: {shown}; expected corners in pixels of the "
            "picture, the first above and to the left of the second"
        )


def _sentences(odd: dict[str, list[str]]) -> list[str]:
    endings = {
        "empty or inverted": "empty or inverted{}: left out",
        "not numbers": "not of numbers{}: left out",
        "outside": "outside their pictures{}: left out",
        "clipped": "reaching beyond their pictures{}: cut at the edge",
    }
    found = []
    for what, ending in endings.items():
        if names := odd[what]:
            found.append(f"{counted(len(names), 'box')} {ending.format(f' ({listing(dict.fromkeys(names))})')}")
    if names := odd["size"]:
        found.append(
            f"{counted(len(names), 'annotation')} that state another size than the picture has ({listing(names)}): "
            "their boxes are taken as they are written; check that pictures were not turned or scaled since"
        )
    return found


def _states(found: list[Annotated]) -> list[str]:
    states = np.array([state for each in found for state in each.states])
    named = {DIFFICULT: "marked difficult", CROWD: "around a crowd"}
    return [
        f"{counted(int((states == state).sum()), 'box')} {words}: neither learnt nor asked for, and finding one is no "
        "mistake"
        for state, words in named.items()
        if (states == state).any()
    ]
