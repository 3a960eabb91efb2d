"""A panel, opened: asked once for every state of the weights, and kept in the user's cache.

What is kept is named by the weights, by what was asked, and by the code: none of it is ever stale. Panels that read
files alone are made anew each time. The store may be deleted at any time.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import platformdirs

from deepglass.core import catalogue, files
from deepglass.core.catalogue import PACKAGE
from deepglass.core.errors import DeepglassError
from deepglass.see import FOLDER, Asked, NotForThisRun, Panel, View, panel_of
from deepglass.see.opened import Opened, drawing

MOST_KEPT = 400  # files of the store
CODE = ("see", "draw", "explain", "diagnosis")  # the folders that decide what is shown


@dataclass(frozen=True)
class Shown:
    """What a panel shows of a run.

    Attributes:
        panel: That was asked.
        fits: Whether it has something to show of this run.
        say: What is seen; or why there is nothing.
        html: The pictures and tables.
        facts: The numbers.
    """

    panel: Panel
    fits: bool
    say: str
    html: str
    facts: dict[str, Any]

    @property
    def text(self) -> str:
        """Sentence and pictures as HTML."""
        if not self.fits:
            return f'<p class="dg-none">Not for this run: {escape(self.say)}.</p>'
        return f'<p class="dg-say">{escape(self.say)}</p>{self.html}'


def show(opened: Opened, name: str, asked: Asked = Asked(), keeps: bool = True) -> Shown:  # noqa: B008 - frozen
    """Open a panel.

    Args:
        opened: The run.
        name: Of the panel.
        asked: Of it.
        keeps: Whether what was computed is kept, and found again.

    Raises:
        OptionError: If there is no such panel.
        DeepglassError: If what is asked does not fit, or the run is damaged.
    """
    panel = panel_of(name)
    place = None if panel.is_quick or not keeps else place_of(opened, panel, asked)
    if place is not None and (found := kept(place)):
        return Shown(panel, **found)
    try:
        with opened.folder.explaining(), opened.lock:
            view: View = catalogue.load(FOLDER, name).show(opened, asked)
        with drawing:
            html = "".join(f'<div class="dg-part">{part.text}</div>' for part in view.parts)
        made = {"fits": True, "say": view.say, "html": f'<div class="dg-parts">{html}</div>', "facts": view.facts}
    except NotForThisRun as reason:
        return Shown(panel, False, str(reason).rstrip("."), "", {})
    if place is not None:
        keep(place, made)
    return Shown(panel, **made)


# -- the store ------------------------------------------------------------------------------------------------------


def place_of(opened: Opened, panel: Panel, asked: Asked) -> Path | None:
    """Where it is kept; None for what has no name, such as a frame in memory."""
    if not isinstance(asked.input, str) or not isinstance(opened.data, str | Path | None):
        return None
    if not (digest := opened.digest()):
        return None
    words = [digest, panel.name, asdict(asked), str(opened.data), *map(stamp, (asked.input, opened.data)), code_stamp()]
    key = sha256(json.dumps(words).encode()).hexdigest()
    return platformdirs.user_cache_path("deepglass") / "see" / f"{key[:40]}.json"


def stamp(named: Any) -> str:
    """Of a file that is named: it may change. Empty where there is none."""
    with suppress(OSError, ValueError):
        stat = Path(named).expanduser().stat() if named else None
        return f"{stat.st_size}.{stat.st_mtime_ns}" if stat else ""
    return ""


@cache
def code_stamp() -> str:
    """Of the files that decide what is shown, by their sizes and times."""
    paths = [path for folder in CODE for path in sorted((PACKAGE / folder).rglob("*.py"))]
    named = [(path.relative_to(PACKAGE).as_posix(), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    return sha256(repr(named).encode()).hexdigest()[:16]


def kept(place: Path) -> dict[str, Any] | None:
    """What lies there, as it was written; None where there is nothing, or something else."""
    try:
        found = files.read_json(place)
    except DeepglassError:
        return None
    is_ours = isinstance(found, dict) and found.keys() == {"fits", "say", "html", "facts"}
    return found if is_ours and isinstance(found["html"], str) else None


def keep(place: Path, made: dict[str, Any]) -> None:
    """Write it down, and forget the oldest where there are many; a full disk costs the store alone."""
    with suppress(DeepglassError, OSError, ValueError):
        files.write_json(place, json.loads(json.dumps(made, default=float)))
        others = sorted(place.parent.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for old in others[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
