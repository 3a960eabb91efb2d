"""How far an explanation can be trusted, measured beside it: one file per measure."""

from typing import Any

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.explain import FOLDER, Explanation, Settings
from deepglass.explain.subject import Subject


def of(subject: Subject, found: Explanation, settings: Settings) -> dict[str, Any]:
    """The measures that suit what was found; {} where it ranks no parts of one example.

    Raises:
        OptionError: If it shall be compared with another method, and cannot be.
    """
    if found.score is None or not found.parts or "contribution" not in found.parts[0]:
        if settings.against is not None and "against" not in catalogue.constant(FOLDER, found.method, "USES"):
            raise OptionError(f"--against: {found.title} gives no contributions that could be compared: leave it out")
        return {}
    from deepglass.explain.quality import agreement, border, curves, sanity, stability

    measured: dict[str, Any] = {"curves": curves.of(subject, found, settings.seed)}
    if catalogue.constant(FOLDER, found.method, "IS_MAP"):
        measured["sanity"] = sanity.of(subject, found, settings)
    if subject.parts.picture is not None:
        measured["border"] = border.of(subject)
    if len(found.parts) >= agreement.FEWEST:
        measured["agreement"] = agreement.of(subject, found, settings)
        measured["stability"] = stability.of(subject, found, settings)
    return measured
