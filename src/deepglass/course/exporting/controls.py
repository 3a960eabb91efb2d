"""Controls of a lesson as an exported page knows them: a list of positions, of which one is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import marimo as mo
import numpy as np

from deepglass.course.widgets.choice import Choice
from deepglass.course.widgets.widget import Widget

MOST_POSITIONS = 10_000  # of a slider; one with more has no step that anybody would notice
MOST_OF_A_WIDGET = 48  # states of a widget that are prepared
LEAST = 3  # positions that a slider keeps, if it has as many


@dataclass
class Control:
    """A control whose states can be counted.

    Attributes:
        kind: "slider", "radio", "dropdown", "switch", "guess" or "widget".
        values: What it gives at each position.
        titles: The same in words.
        at: The position that it has at first.
        kept: The positions for which states are prepared, all of them unless there would be too many.
        board: For a guess, its name on the page.
        model: For a widget, its id.
    """

    kind: str
    values: list[Any]
    titles: list[str]
    at: int
    kept: list[int] = field(default_factory=list)
    board: str = ""
    model: str = ""

    def __post_init__(self) -> None:
        self.kept = self.kept or list(range(len(self.values)))

    def keep(self, count: int) -> None:
        """Keep so many positions, spread evenly, among them both ends and the first one shown."""
        even = np.unique(np.linspace(0, len(self.values) - 1, count).round().astype(int))
        inner = even[1:-1] if len(even) > 2 else even
        if self.at not in even:
            even[np.flatnonzero(even == inner[np.abs(inner - self.at).argmin()])[0]] = self.at
        self.kept = sorted(set(even.tolist()))

    def described(self) -> dict[str, Any]:
        """What the page must know."""
        return {
            "kind": self.kind, "at": self.kept.index(self.at), "titles": [self.titles[i] for i in self.kept],
            "of": len(self.values), "board": self.board,
            "fields": [self.values[i] for i in self.kept] if self.kind == "widget" else [],
        }  # fmt: skip


def control_of(element: Any) -> Control | None:
    """A control with positions, or None where they cannot be counted."""
    if isinstance(element, mo.ui.slider):
        return slider_of(element)
    if isinstance(element, mo.ui.radio | mo.ui.dropdown):
        kind, values = type(element).__name__, list(element.options.values())
        if element.value not in values:
            return None
        return Control(kind, values, list(map(str, element.options)), values.index(element.value))
    if isinstance(element, mo.ui.switch | mo.ui.checkbox):
        return Control("switch", [False, True], ["off", "on"], int(element.value))
    widget = getattr(element, "widget", None)
    if isinstance(widget, Choice) and widget.kind == "guess":
        values = [None, *([i] for i in range(len(widget.options)))]
        return Control("guess", values, ["", *map(str, widget.options)], 0, board=widget.name)
    return widget_of(widget) if isinstance(widget, Widget) else None


def widget_of(widget: Widget) -> Control | None:
    """A widget with buttons for some of its states: as it is now, and as each of them makes it."""
    others = widget.positions()
    if not others or len(others) > MOST_OF_A_WIDGET:
        return None
    now = {name: getattr(widget, name) for name in others[0]}
    values = [now, *(one for one in others if one != now)]
    return Control("widget", values, [""] * len(values), 0, model=widget.model_id or "")


def slider_of(element: Any) -> Control | None:
    """A slider of listed steps, or of equal ones."""
    values = list(element.steps or ())
    if not values:
        step = element.step or 1
        count = int(np.floor((element.stop - element.start) / step + 1e-9)) + 1
        if count > MOST_POSITIONS:
            return None
        whole = all(isinstance(one, int) for one in (element.start, step))
        values = [element.start + i * step for i in range(count)]
        values = values if whole else [round(float(value), 10) for value in values]
    return Control("slider", values, [f"{value:,.6g}" for value in values], position(values, element.value))


def position(values: Sequence[Any], value: Any) -> int:
    """Where a value is among others, or the nearest number."""
    if value in values:
        return list(values).index(value)
    return int(np.abs(np.array(values, dtype=float) - float(value)).argmin())


def put(element: Any, control: Control, at: int) -> bool:
    """Bring an element to a position; says whether it has that position now."""
    value = control.values[at]
    if control.kind == "guess":
        element.widget.chosen, element.widget.committed = list(value or []), value is not None
    elif control.kind == "widget":
        for name, one in value.items():
            setattr(element.widget, name, one)
    elif control.kind in ("radio", "dropdown"):
        if control.titles[at] not in element.options:
            return False
        element._value = element.options[control.titles[at]]
    else:
        element._value = value
    return True


def thin(controls: Mapping[str, Control], groups: Sequence[Sequence[str]], most: int) -> None:
    """Take positions from sliders until every group of controls has few enough states together."""
    for names in groups:
        while (size := int(np.prod([len(controls[name].kept) for name in names]))) > most:
            sliders = [controls[name] for name in names if controls[name].kind == "slider"]
            longest = max(sliders, key=lambda one: len(one.kept), default=None)
            if longest is None or len(longest.kept) <= LEAST:
                break
            shrunk = max(LEAST, min(len(longest.kept) - 1, int(len(longest.kept) * max(0.5, most / size))))
            longest.keep(shrunk)
