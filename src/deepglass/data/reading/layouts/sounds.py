"""Sounds: files such as .wav and .mp3, perhaps in a folder for each class, or with a text beside each that is said."""

import wave
from pathlib import Path

import numpy as np

from deepglass.data.containers import Layout
from deepglass.data.reading.listing import SOUNDS, Listing, classes_of, some

SHARE = 0.5  # of the files must be sounds
PROBED = 50
MOST_OF = 0.9  # of the sounds have a text beside them: then it is what is said


def recognise(listing: Listing) -> Layout | None:
    """A folder of sounds, or None."""
    files = listing.ending(SOUNDS)
    if not files or len(files) < SHARE * len(listing.files):
        return None
    texts = {path.with_suffix("") for path in listing.ending((".txt",))}
    said = sum(path.with_suffix("") in texts for path in files)
    if said >= MOST_OF * len(files):
        return of_sounds(listing.whole(files), listing.folder.name, {}, is_speech=True)
    found = classes_of(files)
    return of_sounds(listing.whole(files), listing.folder.name, found if len(found) > 1 else {})


def of_sounds(files: list[Path], name: str, classes: dict[str, int], is_speech: bool = False) -> Layout:
    """Sounds with what can be read off their headers.

    Args:
        files: Of the sounds.
        name: Of the folder or the table.
        classes: How many sounds of each.
        is_speech: Whether it is known what is said in them.
    """
    facts = {"sounds": len(files)} | ({"classes": len(classes)} if classes else {})
    lengths = [known for path in some(files, PROBED) if (known := _length(path))]
    if lengths:
        facts["samples a second"] = int(np.median([rate for rate, _ in lengths]))
        facts["ms on average"] = round(float(np.mean([1000 * seconds for _, seconds in lengths])))
    kind, what = ("speech", "sounds with what is said in them") if is_speech else ("sounds", "sounds")
    return Layout(kind, name, what, facts, classes, {"sounds": files})


def _length(path: Path) -> tuple[int, float] | None:
    """Samples per second and seconds of a .wav; None for other forms and broken files."""
    try:
        with wave.open(str(path)) as file:
            return file.getframerate(), file.getnframes() / file.getframerate()
    except (wave.Error, EOFError, OSError, ZeroDivisionError):
        return None
