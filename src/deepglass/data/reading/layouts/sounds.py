"""Sounds: files such as .wav and .mp3, perhaps in a folder for each class, or named after it."""

import wave
from pathlib import Path

import numpy as np

from deepglass.data.containers import Layout
from deepglass.data.reading.listing import SOUNDS, Listing, classes_of, some

SHARE = 0.5  # of the files must be sounds
PROBED = 50


def recognise(listing: Listing) -> Layout | None:
    """A folder of sounds, or None."""
    files = listing.ending(SOUNDS)
    if not files or len(files) < SHARE * len(listing.files):
        return None
    found = classes_of(files)
    return of_sounds(listing.whole(files), listing.folder.name, found if len(found) > 1 else {})


def of_sounds(files: list[Path], name: str, classes: dict[str, int]) -> Layout:
    """Sounds with what can be read off their headers."""
    facts = {"sounds": len(files)} | ({"classes": len(classes)} if classes else {})
    lengths = [known for path in some(files, PROBED) if (known := _length(path))]
    if lengths:
        facts["samples a second"] = int(np.median([rate for rate, _ in lengths]))
        facts["ms on average"] = round(float(np.mean([1000 * seconds for _, seconds in lengths])))
    nearest = "until then, numbers computed from each sound make a table that can be learnt from"
    return Layout("sounds", name, "sounds", facts, classes, {"sounds": files}, nearest)


def _length(path: Path) -> tuple[int, float] | None:
    """Samples per second and seconds of a .wav; None for other forms and broken files."""
    try:
        with wave.open(str(path)) as file:
            return file.getframerate(), file.getnframes() / file.getframerate()
    except (wave.Error, EOFError, OSError, ZeroDivisionError):
        return None
