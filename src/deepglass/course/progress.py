"""What a reader has opened, solved and done: a small file of the user's, which never leaves the machine.

It lies where the platform keeps such files (`~/.local/share/deepglass/progress.json` on Linux), or where
DEEPGLASS_PROGRESS says.
"""

import os
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

import platformdirs

from deepglass.core import files
from deepglass.core.errors import DeepglassError, OptionError
from deepglass.course import catalogue

_writing = Lock()  # two pages may tell something at the same moment


def place() -> Path:
    """Where the file lies."""
    named = os.environ.get("DEEPGLASS_PROGRESS")
    return Path(named) if named else platformdirs.user_data_path("deepglass") / "progress.json"


def load() -> dict[str, dict[str, Any]]:
    """By lesson: `opened` and `done` (dates, or None) and `solved` (names of exercises). Damaged is as if empty."""
    try:
        return files.read_json(place())
    except DeepglassError:
        return {}


def tell(slug: str, done: bool | None = None, solved: str | None = None) -> dict[str, Any]:
    """Note that a lesson was opened, and perhaps done (or not after all), and perhaps an exercise solved.

    Raises:
        OptionError: If there is no such lesson.
        RunError: If the file cannot be written.
    """
    if slug not in [lesson.slug for lesson in catalogue.lessons()]:
        raise OptionError(f"expected the name of a lesson, such as {catalogue.lessons()[0].slug}; got {slug!r}")
    with _writing:
        everything, today = load(), date.today().isoformat()
        entry = {"opened": today, "done": None, "solved": []} | everything.get(slug, {})
        if done is not None:
            entry["done"] = today if done else None
        if solved and solved not in entry["solved"]:
            entry["solved"] = sorted([*entry["solved"], solved])
        files.write_json(place(), everything | {slug: entry})
    return entry
