"""How far an explanation can be trusted, measured beside it: see `curves.py` and `sanity.py`."""

from typing import Any

from deepglass.core import catalogue
from deepglass.explain import FOLDER, Explanation, Settings
from deepglass.explain.subject import Subject


def of(subject: Subject, found: Explanation, settings: Settings) -> dict[str, Any]:
    """The measures that suit what was found; {} where it ranks no parts of one example."""
    if found.score is None or not found.parts:
        return {}
    from deepglass.explain.quality import curves, sanity

    measured: dict[str, Any] = {"curves": curves.of(subject, found, settings.seed)}
    if catalogue.constant(FOLDER, found.method, "IS_MAP"):
        measured["sanity"] = sanity.of(subject, found, settings)
    return measured
