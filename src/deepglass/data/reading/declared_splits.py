"""Splits that a folder of annotated pictures declares: by lists of names, by its annotations, or by its folders."""

from pathlib import Path

import numpy as np

from deepglass.core.guesses import Guess
from deepglass.data.containers import Layout
from deepglass.data.reading.box_forms.annotated import content_of, named_split
from deepglass.data.reading.listing import Listing

SPLITS = ("train", "val", "test")
LISTS = ("trainval", "train", "val", "valid", "validation", "test")


def lists_in(listing: Listing) -> list[Path]:
    """Files that may say which pictures belong to a split, one per line."""
    pictures = {path.stem for path in listing.pictures}
    texts = [path for path in listing.by_suffix.get(".txt", []) if path.stem not in pictures]
    return [path for path in texts if path.stem in LISTS]


def declared(layout: Layout, paths: list[Path], said: list[str | None]) -> dict[str, np.ndarray]:
    """Which pictures belong to each split, by the first of the three ways that tells; pictures of none are left out.

    Args:
        layout: Its `guesses` take what was found.
        paths: Of the pictures.
        said: The split of each that its annotation names.
    """
    ways = (
        (_by_lists(layout.files.get("lists", []), paths), "lists of names"),
        (said, "what the annotations say"),
        (_by_folders(paths), "the names of the folders"),
    )
    for of_each, why in ways:
        splits = {name: np.flatnonzero(np.array(of_each) == name) for name in SPLITS}
        splits = {name: rows for name, rows in splits.items() if len(rows)}
        if len(splits) < 2 or "train" not in splits:
            continue
        shown = ", ".join(f"{name} {len(rows):,}" for name, rows in splits.items())
        layout.guesses.append(Guess("splits", shown, why, "other lists or folders"))
        if rest := len(paths) - sum(map(len, splits.values())):
            why = "they belong to none of the splits"
            layout.guesses.append(Guess("pictures left out", f"{rest:,}", why, "lists that name them"))
        return splits
    return {}


def _by_lists(lists: list[Path], paths: list[Path]) -> list[str | None]:
    """By files such as train.txt that hold a name, or a path, in each line."""
    of_name: dict[str, str] = {}
    for path in sorted(lists, key=lambda path: (path.parent.name != "Main", path.stem == "trainval", str(path))):
        split = "train" if path.stem == "trainval" else named_split(path.stem)
        for line in content_of(path).decode("utf-8-sig", "replace").splitlines():
            name = line.strip().replace("\\", "/").rpartition("/")[2].removesuffix(" -1").removesuffix(" 1").strip()
            if name and split:
                of_name.setdefault(name, split)
    return [of_name.get(path.stem) or of_name.get(path.name) for path in paths]


def _by_folders(paths: list[Path]) -> list[str | None]:
    """By the folders below the one that holds all."""
    shared = 0
    for parts in zip(*(path.parts[:-1] for path in paths)):
        if len(set(parts)) > 1:
            break
        shared += 1
    return [next((s for part in path.parts[shared:-1] if (s := named_split(part))), None) for path in paths]
