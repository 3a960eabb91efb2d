"""What a reader has opened, solved and done: a small file of the user's, which never leaves the machine.

It lies where the platform keeps such files (`~/.local/share/deepglass/progress.json` on Linux), or where
DEEPGLASS_PROGRESS says.
"""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

import platformdirs

from deepglass.core import files
from deepglass.core.errors import DeepglassError, OptionError
from deepglass.course import catalogue

KEPT = {"code": 20_000, "typed": 200}  # what may be kept of an exercise, and how many characters of it
MOST_KEPT = 40  # exercises and guesses of one lesson

_writing = Lock()  # two pages may tell something at the same moment


def place() -> Path:
    """Where the file lies."""
    named = os.environ.get("DEEPGLASS_PROGRESS")
    return Path(named) if named else platformdirs.user_data_path("deepglass") / "progress.json"


def load() -> dict[str, dict[str, Any]]:
    """By lesson: `opened` and `done` (dates, or None), `solved` (names of exercises), `kept`. Damaged is as if empty.

    `kept` holds by exercise what was typed (`code`, `typed`) or chosen (`chosen`, numbers of options).
    """
    try:
        return files.read_json(place())
    except DeepglassError:
        return {}


def tell(
    slug: str, done: bool | None = None, solved: str | None = None, kept: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Note that a lesson was opened, and perhaps done (or not after all), an exercise solved, an answer given.

    Raises:
        OptionError: If there is no such lesson, or if what is to be kept has another form.
        RunError: If the file cannot be written.
    """
    if slug not in [lesson.slug for lesson in catalogue.lessons()]:
        raise OptionError(f"expected the name of a lesson, such as {catalogue.lessons()[0].slug}; got {slug!r}")
    kept = {str(name)[:100]: checked(what) for name, what in (kept or {}).items()}
    with _writing:
        everything, today = load(), date.today().isoformat()
        entry = {"opened": today, "done": None, "solved": [], "kept": {}} | everything.get(slug, {})
        for name, what in kept.items():
            entry["kept"] = {**entry["kept"], name: entry["kept"].get(name, {}) | what}
        if len(entry["kept"]) > MOST_KEPT:
            raise OptionError(f"expected at most {MOST_KEPT} answers for a lesson")
        if done is not None:
            entry["done"] = today if done else None
        if solved and solved not in entry["solved"]:
            entry["solved"] = sorted([*entry["solved"], solved])
        files.write_json(place(), everything | {slug: entry})
    return entry


def checked(what: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed or chosen, if it has the form of it.

    Raises:
        OptionError: If it has not.
    """
    fine = isinstance(what, Mapping) and all(
        (name in KEPT and isinstance(value, str) and len(value) <= KEPT[name])
        or (name == "chosen" and isinstance(value, list) and len(value) < 50 and all(type(one) is int for one in value))
        for name, value in what.items()
    )
    if not fine:
        raise OptionError('expected {"code": "…"}, {"typed": "…"} or {"chosen": [0]}, of no great length')
    return dict(what)
