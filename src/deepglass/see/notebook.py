"""`run.see()`: the panels of a run in a notebook, the same as in the browser.

run.see()                         all of them; what is computed is kept, so the next look is instant
run.see("valley")                 one
run.see("walk", input="mine.csv") one, asked about something of one's own
"""

from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from deepglass.core.errors import DeepglassError, OptionError
from deepglass.see import Asked, all_panels, panel_of
from deepglass.see.opened import Opened
from deepglass.see.shown import Shown, show

STYLE = Path(__file__).parent / "panels.css"


class Seen:
    """Panels of a run, computed when they are looked at.

    Attributes:
        names: Of the panels.
    """

    def __init__(self, opened: Opened, names: Sequence[str], asked: Asked):
        self._opened, self.names, self._asked = opened, tuple(names), asked
        self._found: dict[str, Shown] = {}

    def __getitem__(self, name: str) -> Shown:
        """One of them: `say`, `html`, `facts`, and whether it `fits` the run.

        Raises:
            OptionError: If it is not among them.
            DeepglassError: If what was asked does not fit, or the run is damaged.
        """
        if name not in self.names:
            raise OptionError(f"no panel {name!r} here: expected one of {', '.join(self.names)}")
        if name not in self._found:
            self._found[name] = show(self._opened, name, self._asked)
        return self._found[name]

    def __repr__(self) -> str:
        return f"Seen({str(self._opened.folder.path)!r}: {', '.join(self.names)})"

    def _repr_html_(self) -> str:
        alone = len(self.names) == 1
        body = "".join(self._section(name, alone) for name in self.names)
        return f'<div class="dg-see"><style>{style()}</style>{body}</div>'

    def _section(self, name: str, alone: bool) -> str:
        panel = panel_of(name)
        try:
            shown = self[name]
            text, is_open = shown.text, alone or panel.is_quick
        except DeepglassError as error:
            if alone:
                raise
            text, is_open = f'<p class="dg-none">{escape(str(error))}</p>', True
        read = " · ".join(f"<code>deepglass read {escape(word)}</code>" for word in panel.read)
        beside = f"lesson <code>{escape(panel.see)}</code> · {read}"
        head = f"<summary><b>{escape(panel.title)}</b> {escape(panel.question)}</summary>"
        return f'<details{" open" * is_open}>{head}<p class="dg-beside">{beside}</p>{text}</details>'


def seen(opened: Opened, names: Sequence[str], **asked: Any) -> Seen:
    """Panels of a run.

    Args:
        opened: The run.
        names: Of panels; none for all.
        asked: `input`, `row`, `columns`, `layer`.

    Raises:
        OptionError: If a panel or what is asked is unknown.
    """
    known = [panel_of(name).name for name in names] or [panel.name for panel in all_panels()]
    return Seen(opened, known, as_asked([panel_of(name) for name in known], asked))


def as_asked(panels: Sequence[Any], given: dict[str, Any]) -> Asked:
    """What was asked, checked.

    Raises:
        OptionError: If none of the panels can be asked that, or it is out of range.
    """
    able = {name for panel in panels for name in panel.asks}
    for name, value in given.items():
        if name not in able:
            known = f"expected {', '.join(sorted(able))}" if able else "nothing can be asked of it"
            raise OptionError(f"{name}: {', '.join(panel.name for panel in panels)} does not use it; {known}")
        if name in ("row", "layer") and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise OptionError(f"{name}: expected a whole number from 1, got {value!r}")
    columns = given.get("columns", ())
    columns = (columns,) if isinstance(columns, str) else tuple(map(str, columns))
    if len(columns) > 2:
        raise OptionError(f"columns: expected one or two, got {len(columns)}: {', '.join(columns)}")
    return Asked(**{**given, "columns": columns})


@cache
def style() -> str:
    """The style sheet of panels, which the page in the browser has too."""
    return STYLE.read_text(encoding="utf-8")
