"""Pairs of pictures of one name: a large one beside a small one for super-resolution, before beside after.

The folders are called so, and a picture agrees with its partner more than with others: classes of pictures may be
called "low" and "high" too, and number their files alike.
"""

import re
from pathlib import Path

import numpy as np
from PIL import Image

from deepglass.core.errors import DataError
from deepglass.data.containers import Layout
from deepglass.data.reading.decode import decode
from deepglass.data.reading.listing import Listing, some

SIDES = (  # names of the folders of both sides, the input first
    ({"lr", "low", "lowres", "low_res", "small", "lq"}, {"hr", "high", "highres", "high_res", "large", "hq"}),
    ({"before", "input", "inputs", "source", "noisy", "blur", "blurred", "rain", "image", "images", "a"},
     {"after", "output", "outputs", "target", "targets", "clean", "sharp", "gt", "label", "labels", "b"}),
)  # fmt: skip
FACTOR = re.compile(r"(?i)[-_]?x\d$")
SHARE = 0.8
FEWEST_PAIRS = 3
PROBED = 8
AGREEMENT = 0.5  # a partner's distance, as a share of the distance to the partners of others
SIDE = 16  # pixels to which pictures are made small to compare them


def recognise(listing: Listing) -> Layout | None:
    """Pairs in two folders whose names say so, or None."""
    pictures = listing.pictures
    for first_names, second_names in SIDES:
        first, second = _side(pictures, first_names), _side(pictures, second_names)
        both = sorted(first.keys() & second.keys())
        if len(both) < FEWEST_PAIRS or len(both) < SHARE * min(len(first), len(second)):
            continue
        if len(first) + len(second) < SHARE * len(pictures):
            continue
        if found := _layout(listing, [(first[key], second[key]) for key in both]):
            return found
    return None


def _side(pictures: list[Path], names: set[str]) -> dict[tuple[str, ...], Path]:
    """Pictures below a folder of such a name, by their path without it."""
    found = {}
    for path in pictures:
        for place, folder in enumerate(path.parts[:-1]):
            words = re.split(r"[-_ ]", folder.lower())
            if folder.lower() in names or (len(words) > 1 and words[-1] in names):
                found[(*path.parts[:place], *path.parts[place + 1 : -1], FACTOR.sub("", path.stem))] = path
                break
    return found


def _layout(listing: Listing, pairs: list[tuple[Path, Path]]) -> Layout | None:
    try:
        probe = [[decode(listing.folder / path, 3) for path in pair] for pair in some(pairs, PROBED)]
    except DataError:  # broken files are named by whoever reads them
        return None
    if not _agree(probe):
        return None
    factors = {tuple(large / small for small, large in zip(a.shape[:2], b.shape[:2])) for a, b in probe}
    high, wide = next(iter(factors)) if len(factors) == 1 else (1.0, 1.0)
    what = f"pairs of pictures, the second {high:g} times as large" if high == wide >= 1.5 else "pairs of pictures"
    files = {side: [listing.folder / pair[i] for pair in pairs] for i, side in enumerate(("inputs", "outputs"))}
    nearest = "pictures can be learnt from now where each has one class: a folder of pictures for each"
    return Layout("picture pairs", listing.folder.name, what, {"pairs": len(pairs)}, {}, files, nearest)


def _agree(probe: list[list[np.ndarray]]) -> bool:
    """Whether pictures are much nearer to their partners than to the partners of others."""
    first, second = (np.stack([_small(pair[side]) for pair in probe]) for side in (0, 1))
    distances = np.linalg.norm(first[:, None] - second[None], axis=2)
    return bool(np.median(distances.diagonal()) < AGREEMENT * np.median(distances[~np.eye(len(probe), dtype=bool)]))


def _small(pixels: np.ndarray) -> np.ndarray:
    """Grey values of a small copy, of mean 0 and length 1."""
    grey = Image.fromarray(pixels.astype(np.float32).mean(axis=-1)).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    values = np.asarray(grey).ravel() - np.asarray(grey).mean()
    return values / max(1e-6, float(np.linalg.norm(values)))
