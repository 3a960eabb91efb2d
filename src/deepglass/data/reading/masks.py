"""Pictures with masks, read: from the layout of a folder to pictures, masks, classes with names and declared splits.

    layout ── painted (PNG) or drawn (outlines) ── sizes agree? ── values ── a key to the classes ── MaskedPictures

Whatever is left out is said, with the names of the files. A mask is decoded when it is asked for.
"""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images, Layout
from deepglass.data.masked_pictures import MaskedPictures
from deepglass.data.pictures import map_all
from deepglass.data.reading import outlines
from deepglass.data.reading.box_forms.annotated import Pictures
from deepglass.data.reading.declared_splits import declared
from deepglass.data.reading.decode import header
from deepglass.data.reading.images import from_paths
from deepglass.data.reading.layouts import masks as layouts
from deepglass.data.reading.listing import Listing
from deepglass.data.reading.mask_classes import IGNORE, NAMES, Key, learnt_key
from deepglass.data.reading.mask_values import are_of_one_palette, stored

MOST_LOST = 0.5  # share of the pictures without a mask, beyond which the source is not what it seems
NAMED = 3  # files in a message


@dataclass(frozen=True)
class Asked:
    """How masks are to be read.

    Attributes:
        names: `--mask-names`.
        ignore: `--ignore-label`.
        key: That of the training, for masks that come later.
    """

    names: str | None = None
    ignore: str | None = None
    key: Key | None = None


class Form(Protocol):
    """Masks of one kind: painted or drawn."""

    pictures: list[Path]
    splits: list[str | None]

    def values(self, row: int, size: tuple[int, int]) -> np.ndarray:
        """(H, W) what stands for the class of every pixel.

        Raises:
            DataError: If the file is damaged, no mask, or of another size.
        """
        ...

    def learn(self, values: set[int], asked: Asked) -> tuple[Key, list[Guess]]:
        """Which of these values stands for which class, and what was guessed."""
        ...


def read_masks(layout: Layout, config: DataConfig, asked: Asked = Asked()) -> MaskedPictures:
    """The pictures and masks of a layout; what was read is kept in its `content`.

    Args:
        layout: Of the kind "masks", or "boxes" where these have outlines; its `guesses` and `splits` are filled in.
        config: How the pictures are read.
        asked: How the masks are.

    Raises:
        DataError: If a file is damaged, a mask is of another size than its picture, or there is only one class.
        OptionError: If names or ignored values do not fit.
    """
    if isinstance(layout.content, MaskedPictures):
        return layout.content
    if layout.content is None:
        layout.content = Scanned.of(layout, config, asked)
    scanned: Scanned = layout.content
    key, guesses = (asked.key, []) if asked.key else scanned.form.learn({*scanned.values}, asked)
    counts = [[of_one[value] for value in key.values] for of_one in scanned.counts]
    form, sizes = scanned.form, scanned.sizes
    known = vars(scanned.images) | {"classes": key.names, "splits": layout.splits}
    known |= {"names": [str(path) for path in form.pictures], "guesses": [*layout.guesses, *guesses]}
    masked = MaskedPictures(
        **known,
        sizes=sizes,
        mask=lambda row: key.encode(form.values(row, _size(sizes, row))),
        counts=np.array(counts, np.int64).reshape(len(sizes), -1),
        key=key,
        remarks=scanned.remarks + (_unknown(key, scanned.values) if asked.key else []),
    )
    return _with_something(masked)


@dataclass
class Scanned:
    """What the files of a layout hold, before anybody says what the values mean.

    Attributes:
        form: Painted or drawn.
        images: The pictures.
        sizes: (N, 2) their height and width.
        counts: How many pixels of each picture have each value.
        remarks: What a user should know, a sentence each.
    """

    form: "Form"
    images: Images
    sizes: np.ndarray
    counts: list[Counter[int]]
    remarks: list[str]

    @property
    def values(self) -> Counter[int]:
        """How many pixels of all pictures have each value."""
        return sum(self.counts, Counter())

    @classmethod
    def of(cls, layout: Layout, config: DataConfig, asked: Asked) -> "Scanned":
        """Read every mask once; `guesses` and `splits` of the layout are filled in."""
        remarks: list[str] = []
        form = _form(layout, asked, remarks)
        sizes = np.array(map_all(lambda path: header(path).size, form.pictures), np.int64).reshape(-1, 2)
        rows = [*range(len(sizes))]
        counts = map_all(lambda row: _counts(form.values(row, _size(sizes, row))), rows)
        layout.splits = declared(layout, form.pictures, form.splits)
        images = from_paths(layout.name, form.pictures, layout.splits.get("train", np.arange(len(rows))), config)
        layout.guesses += images.guesses
        return cls(form, images, sizes, counts, remarks)


def _form(layout: Layout, asked: Asked, remarks: list[str]) -> Form:
    if layout.kind == "boxes" and (beside := _masks_beside(layout)):
        layout.files, layout.kind = beside.files, beside.kind
    if layout.kind == "boxes":
        return DrawnMasks.of(layout, asked, remarks)
    painted = PaintedMasks.of(layout, asked, remarks)
    if len(painted.pictures) < len(layout.files["masks"]):
        remarks.append("several masks of one picture are put together: what any of them marks is marked")
    return painted


def _masks_beside(layout: Layout) -> Layout | None:
    """Masks in a folder that was recognised by its boxes, such as that of Pascal VOC."""
    if layout.files["annotations"][0].suffix.lower() != ".xml" or not layout.files.get("images"):
        return None
    folder = layout.files["annotations"][0].parent.parent
    return layouts.recognise(Listing.of(folder))


# -- painted ----------------------------------------------------------------------------------------------------------


class PaintedMasks:
    """A second picture for each picture, or several that mark something each.

    Attributes:
        by_colour: Whether values are colours.
        folders: Names of the folders of the masks, in lower case.
    """

    def __init__(self, layout: Layout, pairs: dict[Path, list[Path]], by_colour: bool, reads_colour: bool):
        self.name, self.named = layout.name, layout.files.get("names", [])
        self.pictures, self.masks = sorted(pairs), pairs
        self.by_colour, self.reads_colour = by_colour, reads_colour
        self.splits: list[str | None] = [None] * len(pairs)
        self.folders = {path.parent.name.lower() for of_one in pairs.values() for path in of_one}

    @classmethod
    def of(cls, layout: Layout, asked: Asked, remarks: list[str]) -> "PaintedMasks":
        """Those of a layout.

        Raises:
            DataError: If most pictures have no mask, or some masks are in colour and others grey.
        """
        pairs: dict[Path, list[Path]] = {}
        for image, mask in zip(layout.files["images"], layout.files["masks"], strict=True):
            pairs.setdefault(image, []).append(mask)
        if bare := layout.files.get("bare", []):
            names = listing((path.name for path in bare), NAMED)
            if len(bare) > MOST_LOST * (len(bare) + len(pairs)):
                raise DataError(
                    f"{layout.name}: {counted(len(bare), 'picture')} without a mask ({names}) and {len(pairs):,} with "
                    "one: expected a mask of the same name for each picture"
                )
            remarks.append(f"{counted(len(bare), 'picture')} without a mask ({names}): left out")
        masks = [path for of_one in pairs.values() for path in of_one]
        reads_colour = not are_of_one_palette(masks)
        if asked.key is not None:
            return cls(layout, pairs, asked.key.is_colour, asked.key.is_colour or reads_colour)
        kinds = map_all(lambda path: _kind(path, reads_colour), masks)
        is_colour = any(kind == "colour" for kind in kinds)
        if is_colour and any(kind == "grey" for kind in kinds):
            grey = listing((path.name for path, kind in zip(masks, kinds) if kind == "grey"), NAMED)
            raise DataError(f"{layout.name}: some masks are in colour and some grey ({grey}): expected all alike")
        if cut := kinds.count("cut"):
            layout.guesses.append(
                Guess("masks", "cut at grey", f"soft edges in {cut:,} of them", "masks of two values")
            )
        return cls(layout, pairs, is_colour, reads_colour)

    def learn(self, values: set[int], asked: Asked) -> tuple[Key, list[Guess]]:
        return learnt_key(values, self.by_colour, self.named, self.folders, (asked.names, asked.ignore), self.name)

    def values(self, row: int, size: tuple[int, int]) -> np.ndarray:
        """(H, W) what stands for the class of every pixel.

        Raises:
            DataError: If a file is damaged, no mask, or of another size.
        """
        picture = self.pictures[row]
        masks = [stored(path, self.reads_colour) for path in self.masks[picture]]
        for path, mask in zip(self.masks[picture], masks):
            _require_size(path, mask.values.shape, picture, size)
        if len(masks) > 1:
            return np.max([mask.values for mask in masks], axis=0)
        return _as_colour(masks[0].values) if self.by_colour and not masks[0].is_colour else masks[0].values


def _kind(path: Path, by_colour: bool) -> str:
    """ "colour", "grey", "cut", or "black" where nothing is marked, which may be either."""
    found = stored(path, by_colour)
    if found.was_cut:
        return "cut"
    return "colour" if found.is_colour else "grey" if set(np.unique(found.values)) - {0, 255} else "black"


def _as_colour(values: np.ndarray) -> np.ndarray:
    """Grey values as colours."""
    return values * 0x010101


def _require_size(path: Path, shape: tuple[int, ...], picture: Path, size: tuple[int, int]) -> None:
    if shape != size:
        raise DataError(
            f"{path} is {shape[1]} x {shape[0]}, its picture {picture.name} {size[1]} x {size[0]}: expected one value "
            "for each pixel; scale the mask without smoothing, or export it again"
        )


# -- drawn ------------------------------------------------------------------------------------------------------------


class DrawnMasks:
    """Outlines and runs in annotation files."""

    def __init__(self, drawn: list[outlines.Drawn], classes: list[str]):
        self.drawn, self.classes = drawn, classes
        self.pictures, self.splits = [each.picture for each in drawn], [each.split for each in drawn]

    @classmethod
    def of(cls, layout: Layout, asked: Asked, remarks: list[str]) -> "DrawnMasks":
        """Those of a layout.

        Raises:
            DataError: If there are none.
        """
        pictures = Pictures(layout.files.get("images") or [])
        drawn = [*outlines.read(layout.files["annotations"], pictures, layout.files.get("names", []))]
        drawn = [*{each.picture: each for each in sorted(drawn, key=lambda each: each.picture)}.values()]
        labels = sorted({label for each in drawn for label, _ in each.regions} - {outlines.BACKGROUND})
        if not labels:
            raise DataError(f"{layout.name}: no outline in {counted(len(drawn), 'picture')}: expected regions")
        if pictures.missing:
            lost = listing(pictures.missing, NAMED)
            remarks.append(f"{counted(len(pictures.missing), 'annotation')} without a picture ({lost}): left out")
        classes = asked.key.names if asked.key else [outlines.BACKGROUND, *labels]
        if unknown := [label for label in labels if label not in classes]:
            remarks.append(
                f"regions of classes that training does not know are taken as background: {listing(unknown)}"
            )
            for each in drawn:
                each.regions = [part for part in each.regions if part[0] in classes]
        return cls(drawn, classes)

    def learn(self, values: set[int], asked: Asked) -> tuple[Key, list[Guess]]:
        """The labels of the outlines are the classes.

        Raises:
            OptionError: If options of painted masks are given.
        """
        for option, value in ((NAMES, asked.names), (IGNORE, asked.ignore)):
            if value is not None:
                raise OptionError(
                    f"{option}: these masks are drawn as outlines, which name their classes; leave it out"
                )
        why = "what the outlines are of; what none covers is the background"
        guess = Guess("classes", listing(self.classes), why, "other names in the annotations")
        return Key(self.classes, [*range(len(self.classes))], []), [guess]

    def values(self, row: int, size: tuple[int, int]) -> np.ndarray:
        return self.drawn[row].mask(self.classes, *size).astype(np.int64)


# -- what is in them --------------------------------------------------------------------------------------------------


def _counts(values: np.ndarray) -> Counter[int]:
    found, counts = np.unique(values, return_counts=True)
    return Counter(dict(zip(found.tolist(), counts.tolist())))


def _size(sizes: np.ndarray, row: int) -> tuple[int, int]:
    return int(sizes[row, 0]), int(sizes[row, 1])


def _unknown(key: Key, values: Counter[int]) -> list[str]:
    """What new masks hold that training has not seen.

    Raises:
        DataError: If that is most of them.
    """
    unknown = key.unknown(values)
    lost, total = sum(values[value] for value in unknown), values.total()
    if lost > MOST_LOST * total:
        raise DataError(
            f"masks with the values {listing(map(key.shown, unknown))}, which training has not seen: expected "
            f"{listing((f'{key.shown(value)} for {name}' for name, value in zip(key.names, key.values)), 10)}"
        )
    if not unknown:
        return []
    share = f"{lost / total:.1%}"
    return [f"values that training has not seen are ignored ({share}): {listing(map(key.shown, unknown))}"]


def _with_something(masked: MaskedPictures) -> MaskedPictures:
    """Without pictures of which no pixel is labelled.

    Raises:
        DataError: If that is what all are.
    """
    has_some = masked.counts.sum(axis=1) > 0
    if has_some.all():
        return masked
    empty = [Path(name).name for name, some in zip(masked.names or [], has_some) if not some]
    if not has_some.any():
        raise DataError(f"{masked.name}: every pixel of every mask is ignored: check the masks, and --ignore-label")
    remark = f"{counted(len(empty), 'picture')} whose mask is ignored everywhere ({listing(empty, NAMED)}): left out"
    return replace(masked.taken(np.flatnonzero(has_some)), remarks=[*masked.remarks, remark])
