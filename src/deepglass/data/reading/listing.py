"""What lies in a folder, looked at once: the recognisers of layouts ask it and not the disk."""

import os
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from deepglass.data.reading.images import LEFT_BY_SYSTEMS, SUFFIXES
from deepglass.data.reading.opening import suffix

SOUNDS = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".wma")
VIDEOS = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".m4v", ".wmv")


@dataclass(frozen=True)
class Listing:
    """The files below a folder, hidden ones left out, as paths relative to it."""

    folder: Path
    files: tuple[Path, ...]

    @classmethod
    def of(cls, folder: Path) -> "Listing":
        """Walk the folder."""
        found = []
        for place, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if name[0] != "." and name not in LEFT_BY_SYSTEMS)
            found += [Path(place, name).relative_to(folder) for name in sorted(names) if name[0] != "."]
        return cls(folder, tuple(found))

    @cached_property
    def by_suffix(self) -> dict[str, list[Path]]:
        """Files by their ending, in lower case and without .gz."""
        found = defaultdict(list)
        for path in self.files:
            found[suffix(path)].append(path)
        return dict(found)

    @property
    def pictures(self) -> list[Path]:
        """Picture files."""
        return self.ending(SUFFIXES)

    def ending(self, suffixes: tuple[str, ...]) -> list[Path]:
        """Files with one of these endings, in order."""
        return sorted(path for ending in suffixes for path in self.by_suffix.get(ending, []))

    def whole(self, paths: list[Path]) -> list[Path]:
        """Paths that can be opened."""
        return [self.folder / path for path in paths]


def classes_of(paths: list[Path]) -> dict[str, int]:
    """How many files each top folder has, where every file lies in one; below train and test folders, the next."""
    from deepglass.data.reading.table import split_of

    parts = [path.parts[:-1] for path in paths]
    if parts and all(place and split_of(place[0]) for place in parts):
        parts = [place[1:] for place in parts]
    if not all(parts):
        return {}
    counts: dict[str, int] = defaultdict(int)
    for place in parts:
        counts[place[0]] += 1
    return dict(sorted(counts.items()))


def some(items: list, count: int) -> list:
    """At most `count` of them, evenly spread."""
    step = max(1, len(items) / count) if items else 1
    return [items[int(i * step)] for i in range(min(count, len(items)))]
