"""Which files of this machine the pages of runs and data may open: those below a few folders, none that is hidden.

Below the user's home, below where `deepglass see` was started, and what it was given by name. A page is opened by
whoever sits at this machine; that it opens nothing else keeps a slip, or a page elsewhere that found a way in, small.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deepglass.core import catalogue
from deepglass.core.errors import OptionError

MOST_LISTED = 400  # entries of a folder
BUNDLED = "data/datasets"


@dataclass(frozen=True)
class Place:
    """What a page is about.

    Attributes:
        kind: "run", "data", "folder", or "nothing" where nothing is there yet.
        name: The last part of its path, or the name of bundled data.
        path: Where it is; None for bundled data.
    """

    kind: str
    name: str
    path: Path | None

    @property
    def source(self) -> str:
        """As `deepglass train` takes it."""
        return self.name if self.path is None else str(self.path)

    @property
    def address(self) -> str:
        """Of its page, below the course."""
        return address_of(self.path) if self.path is not None else f"see/bundled/{self.name}"


class Places:
    """The folders below which pages may look.

    Args:
        roots: Their paths.
    """

    def __init__(self, roots: Iterable[Path]):
        self.roots = [Path(root).expanduser().resolve() for root in roots]

    def find(self, text: str) -> Place:
        """What lies at a path, or bundled data by their name.

        Raises:
            OptionError: If the path is outside, or hidden.
        """
        text = text.strip()
        if text in bundled():
            return Place("data", text, None)
        if not text or "\0" in text:
            raise OptionError("expected the path of a file or folder, or the name of bundled data")
        path = self.resolved(text)
        return Place(kind_of(path), path.name or str(path), path)

    def resolved(self, text: str) -> Path:
        """The path without links and dots.

        Raises:
            OptionError: If it is outside, or hidden.
        """
        try:
            path = Path(text).expanduser()
            path = (path if path.is_absolute() else self.roots[0] / path).resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise OptionError(f"{text!r} is not a path here: {error}") from None
        below = [path.relative_to(root) for root in self.roots if path.is_relative_to(root)]
        if not any(all(not part.startswith(".") for part in parts.parts) for parts in below):
            where = " and ".join(str(root) for root in dict.fromkeys(self.roots))
            raise OptionError(
                f"{path} is outside of what this page opens, which is what lies below {where} and is not hidden: "
                f"start `deepglass see {path}` for it"
            )
        return path

    def listing(self, place: Place) -> dict[str, Any]:
        """What is in a folder: folders, runs and files, each with its kind; and the way up, where that is not outside.

        Raises:
            OptionError: If it cannot be read.
        """
        assert place.path is not None
        try:
            found = sorted(place.path.iterdir(), key=lambda path: (not path.is_dir(), path.name.lower()))
        except OSError as error:
            raise OptionError(f"{place.path} cannot be read: {error.strerror or error}") from None
        shown = [path for path in found if not path.name.startswith(".")]
        entries = [{"name": path.name, "path": str(path), "kind": kind_of(path)} for path in shown[:MOST_LISTED]]
        try:
            up = str(self.resolved(str(place.path.parent))) if place.path.parent != place.path else ""
        except OptionError:
            up = ""
        return {"path": str(place.path), "up": up, "entries": entries, "left": len(shown) - len(entries)}


def kind_of(path: Path) -> str:
    """What lies there; a run before data, since it is a folder too."""
    try:
        if (path / "config.json").is_file() and any((path / name).exists() for name in ("task.json", "history.json")):
            return "run"
        return "folder" if path.is_dir() else "data" if path.exists() else "nothing"
    except OSError:
        return "nothing"


def bundled() -> list[str]:
    """Names of bundled data."""
    return [name.replace("_", "-") for name in catalogue.entries(BUNDLED)]


def address_of(path: Path) -> str:
    """Of the page of a path, below the course."""
    return f"see/at{quote(str(path))}"
