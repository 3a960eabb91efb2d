"""Videos: films such as .mp4, or animated pictures, in a folder for each class or named by a table.

Animated pictures are read (`data/reading/clips.py`). With captions in a table beside them they are "captioned videos".
"""

from pathlib import Path

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.wording import listing
from deepglass.data.containers import Layout, Table
from deepglass.data.reading.columns import CAPTION_WORDS, describe
from deepglass.data.reading.decode import header
from deepglass.data.reading.listing import VIDEOS, Listing, classes_of, some

SHARE = 0.5  # of the files must be videos
MOVING_SHARE = 0.9  # of the pictures must move
FEWEST_FRAMES = 4
PROBED = 20
MOVING = (".gif", ".webp", ".png", ".avif")  # endings of pictures that may move
CONVERTING = "ffmpeg -i film.mp4 -vf fps=8,scale=96:-1 film.gif"
CLASS = "class"  # the column of the classes that folders name


def recognise(listing: Listing) -> Layout | None:
    """A folder of videos or of animated pictures, or None."""
    files = listing.ending(VIDEOS)
    if files and len(files) >= SHARE * len(listing.files):
        found = classes_of(files)
        found = found if len(found) > 1 else {}
        facts = {"videos": len(files)} | ({"classes": len(found)} if found else {})
        nearest = f"to learn from movements, convert them, for instance with `{CONVERTING}`"
        return Layout("videos", listing.folder.name, "videos", facts, found, {"videos": listing.whole(files)}, nearest)
    return _of_moving_pictures(listing)


def of_table(table: Table, column: str, files: list[Path]) -> Layout | None:
    """The layout of a table whose column of paths names animated pictures; None where they stand still."""
    if (frames := frames_of(files)) is None:
        return None
    facts = {"animated pictures": len({*files}), "frames on average": frames}
    known = {"splits": table.splits, "guesses": table.guesses, "frame": table.frame}
    columns = {"image_column": column}
    captions = [found.name for found in describe(table.frame) if found.mean_words >= CAPTION_WORDS]
    kind, what = ("captioned videos", "short videos with captions") if captions else ("videos", "short videos")
    what += f" in the column {captions[0]!r}" if captions else f" and the columns {listing(map(repr, table.frame), 5)}"
    return Layout(kind, table.name, what, facts, {}, {"videos": files}, columns=columns, **known)


def frames_of(files: list[Path]) -> int | None:
    """How many frames animated pictures have on average; None where most of them stand still."""
    if not files or any(path.suffix.lower() not in MOVING for path in some(files, PROBED)):
        return None
    frames = []
    for path in some(files, PROBED):
        try:
            frames.append(header(path).frames)
        except DataError:  # named by whoever reads it
            frames.append(1)
    if sum(count >= FEWEST_FRAMES for count in frames) < MOVING_SHARE * len(frames):
        return None
    return round(sum(frames) / len(frames))


def _of_moving_pictures(listing: Listing) -> Layout | None:
    pictures = sorted(path for ending in MOVING for path in listing.by_suffix.get(ending, []))
    if not pictures or len(pictures) < MOVING_SHARE * len(listing.pictures):
        return None
    if (frames := frames_of(listing.whole(pictures))) is None:
        return None
    found = classes_of(pictures)
    found = found if len(found) > 1 else {}
    facts = {"animated pictures": len(pictures), "frames on average": frames}
    known = {"frame": _classes(pictures), "splits": _splits(pictures)} if found else {}
    files = {"videos": listing.whole(pictures)}
    return Layout("videos", listing.folder.name, "short videos as animated pictures", facts, found, files, **known)


def _classes(files: list[Path]) -> pd.DataFrame:
    """The folder of each file, below those of splits."""
    has_splits = bool(_splits(files))
    return pd.DataFrame({CLASS: [path.parts[has_splits] for path in files]})


def _splits(files: list[Path]) -> dict[str, np.ndarray]:
    """Rows of the splits that the first folders name; empty where they are classes."""
    from deepglass.data.reading.table import split_of

    named = [split_of(path.parts[0]) for path in files]
    if not all(named) or "train" not in named:
        return {}
    return {name: np.flatnonzero(np.array(named) == name) for name in ("train", "val", "test") if name in named}
