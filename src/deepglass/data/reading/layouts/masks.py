"""Pictures with masks: a second picture of the same name that says of every pixel what it belongs to.

They lie in folders beside each other (images/ and masks/, train/image/ and train/label/) or in one folder with endings
(a.png and a_mask.png). Folders of classes that happen to hold the same file names are not masks: where the
names of folders do not tell, the pictures must look like masks, with few values in large areas.
"""

import re
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import numpy as np

from deepglass.core.errors import DataError
from deepglass.data.containers import Layout
from deepglass.data.reading.box_forms.yolo import NAMES
from deepglass.data.reading.declared_splits import lists_in
from deepglass.data.reading.decode import decode, header
from deepglass.data.reading.listing import Listing, classes_of, some
from deepglass.data.reading.mask_classes import COLOUR_TABLES
from deepglass.data.reading.mask_values import is_two_tone

OF_IMAGES = {
    "image", "images", "img", "imgs", "input", "inputs", "picture", "pictures", "photo", "photos", "raw", "jpegimages",
    "x", "frames", "scans", "original", "originals",
}  # fmt: skip
OF_MASKS = {
    "mask", "masks", "label", "labels", "annotation", "annotations", "annot", "seg", "segmentation", "segmentations",
    "segmentationclass", "gt", "groundtruth", "ground_truth", "ground-truth", "target", "targets", "y", "matte",
    "trimaps",
}  # fmt: skip
ENDING = re.compile(r"(?i)[-_ .]+(mask|masks|seg|segmentation|label|labels|gt|groundtruth|annotation|l|p)(_?\d+)?$")
SHARE = 0.8  # of one side must have a partner
FEWEST_PAIRS = 3
PROBED = 6  # pictures whose values are looked at
FEW_VALUES = 32  # of a mask; a photograph has hundreds


def recognise(listing: Listing) -> Layout | None:
    """Masks beside pictures, or None."""
    pictures = listing.pictures
    for pairs, is_named in ((_by_folder(pictures), True), (_by_ending(pictures), True), (_by_twins(pictures), False)):
        if len(pairs) >= FEWEST_PAIRS and _are_masks(listing, pairs, is_named):
            return _layout(listing, pairs)
    return None


def _by_folder(pictures: list[Path]) -> list[tuple[Path, Path]]:
    """Pairs whose paths differ in one folder alone, which is called like images here and like masks there."""
    images, masks = (
        {_key(path, names): path for path in pictures if _key(path, names)} for names in (OF_IMAGES, OF_MASKS)
    )
    pairs = [(images[key], masks[key]) for key in sorted(images.keys() & masks.keys())]
    return pairs if pairs and len(pairs) >= SHARE * min(len(images), len(masks)) else []


def _key(path: Path, names: set[str]) -> tuple[str, ...] | None:
    """The path with its folder of this name left open, and without ending; None where it has no such folder."""
    places = [i for i, part in enumerate(path.parts[:-1]) if _word(part) in names]
    if not places:
        return None
    stem = ENDING.sub("", path.stem)
    return (*path.parts[: places[0]], "*", *path.parts[places[0] + 1 : -1], stem)


def _word(folder: str) -> str:
    """The name without the word of a split: train_masks → masks."""
    return re.sub(r"^(train|training|val|valid|test)[-_ ]|[-_ ](train|training|val|valid|test)$", "", folder.lower())


def _by_ending(pictures: list[Path]) -> list[tuple[Path, Path]]:
    """a.png beside a_mask.png."""
    plain = {path.with_suffix(""): path for path in pictures}
    pairs = []
    for path in pictures:
        bare = ENDING.sub("", path.stem)
        if bare != path.stem and (partner := plain.get(path.parent / bare)):
            pairs.append((partner, path))
    marked = sum(ENDING.search(path.stem) is not None for path in pictures)
    return pairs if len(pairs) >= SHARE * marked else []


def _by_twins(pictures: list[Path]) -> list[tuple[Path, Path]]:
    """Exactly two folders of the same file names, whatever they are called; which is which, the pictures tell."""
    by_folder = defaultdict(dict)
    for path in pictures:
        by_folder[path.parent][path.stem] = path
    if len(by_folder) != 2:
        return []
    first, second = by_folder.values()
    both = sorted(first.keys() & second.keys())
    return [(first[stem], second[stem]) for stem in both] if len(both) >= SHARE * max(len(first), len(second)) else []


def _are_masks(listing: Listing, pairs: list[tuple[Path, Path]], is_named: bool) -> bool:
    """Whether the second of each pair looks like a mask of the first; of twins also the other way around."""
    probe = some(pairs, PROBED)
    try:
        sizes = [tuple(header(listing.folder / path).size for path in pair) for pair in probe]
        values = [[_values(listing.folder / path) for path in pair] for pair in probe]
    except DataError:  # broken files are named by whoever reads them
        return is_named
    if sum(first == second for first, second in sizes) < SHARE * len(probe):
        return False
    images, masks = np.array(values).T
    if not is_named and np.median(images) < np.median(masks):
        images, masks = masks, images
        pairs[:] = [(second, first) for first, second in pairs]
    return bool(np.median(masks) <= FEW_VALUES < np.median(images)) or (
        is_named and bool(np.median(masks) <= FEW_VALUES)
    )


def _values(path: Path) -> int:
    """How many different colours a picture has; black and white with soft edges count as two."""
    pixels = decode(path, 3).astype(np.int64)
    if (pixels == pixels[..., :1]).all() and is_two_tone(pixels[..., 0]):
        return 2
    return len(np.unique(pixels @ np.array([1 << 16, 1 << 8, 1])))


def _layout(listing: Listing, pairs: list[tuple[Path, Path]]) -> Layout:
    images, masks = (listing.whole([*side]) for side in zip(*pairs))
    facts = {"pictures": len({*images}), "masks": len(masks), "values in a mask": _levels(masks)}
    classes = classes_of([path for path, _ in pairs]) if _has_classes(pairs) else {}
    files = {"images": images, "masks": masks, "bare": _bare(listing, pairs)}
    files |= {"lists": listing.whole(lists_in(listing)), "names": listing.whole(_named(listing))}
    return Layout("masks", listing.folder.name, "pictures with masks", facts, classes, files)


def _levels(masks: list[Path]) -> int:
    """How many values some of the masks have; broken ones are named by whoever reads them."""
    found = [0]
    for path in some(masks, PROBED):
        with suppress(DataError):
            found.append(_values(path))
    return max(found)


def _bare(listing: Listing, pairs: list[tuple[Path, Path]]) -> list[Path]:
    """Pictures among those that have masks, which have none."""
    images, masks = ({*side} for side in zip(*pairs))
    folders = {path.parent for path in images}
    others = [path for path in listing.pictures if path.parent in folders and path not in images | masks]
    return listing.whole([path for path in others if ENDING.search(path.stem) is None])


def _named(listing: Listing) -> list[Path]:
    """Files that may hold the names of the classes, or their colours."""
    return [path for path in listing.files if path.name.lower() in (*NAMES, *COLOUR_TABLES)]


def _has_classes(pairs: list[tuple[Path, Path]]) -> bool:
    """Whether pictures and masks share folders, which are then classes of the pictures."""
    return all(first.parent == second.parent and first.parent.parts for first, second in pairs)
