"""Events of a session as parts: a hidden one becomes one that is not known, and every place stays where it is."""

from dataclasses import dataclass
from typing import ClassVar

from deepglass.explain.inputs import prompt


@dataclass(frozen=True)
class Parts(prompt.Parts):
    """The events before the one that is explained."""

    kind = "events"
    base_is = "every event unknown"
    WALK_IS: ClassVar[str | None] = None

    @staticmethod
    def usual_method(count: int, is_alone: bool) -> tuple[str, str]:
        """Occlusion: one event at a time."""
        return "occlusion", "a session: what each event adds is what is lost without it"
