"""A lesson run without a page: its cells in order, and again the few that depend on a control, for every position.

marimo knows from the names that a cell uses which cells follow from which. Here each cell is run once; then, for every
position of the controls, those that follow from them: what each shows then, and what it changes in widgets of other
cells. Cells are run by marimo's own compiled code; what an earlier state has computed already is not computed again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from types import ModuleType
from typing import Any

import marimo as mo
from marimo._ast.app import InternalApp
from marimo._plugins.ui._core.ui_element import UIElement
from marimo._runtime.control_flow import MarimoStopError

from deepglass.core.errors import RunError
from deepglass.course.exporting.controls import control_of, put, thin
from deepglass.course.widgets.widget import Widget, widgets_in

Place = tuple[tuple[str, int], ...]  # controls and their positions, by name


@dataclass
class Made:
    """What a cell made in one state.

    Attributes:
        shown: Its HTML, or None if it shows nothing.
        defs: What it defined.
        changed: Fields of widgets of other cells, by the widget's id.
        ids: The names of the controls it shows, by marimo's id.
        widgets: File and fields of the widgets it shows, by their id.
        options: What there is to choose from in the controls, by name.
    """

    shown: str | None
    defs: dict[str, Any] = field(default_factory=dict)
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    widgets: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)


class Cells:
    """The cells of a lesson, to be run one by one.

    Args:
        module: Of the lesson, imported.

    Attributes:
        order: Ids of the cells such that each comes after those it needs.
        cells: The same in the order of the page.
        base: What each cell made that has run.
    """

    def __init__(self, module: ModuleType):
        app = InternalApp(module.app)
        self.name, self.graph, self.values = module.__name__.rpartition(".")[2], app.graph, dict(vars(module))
        self.order = [cell for cell in app.execution_order if not self._is_module(cell)]
        self.cells = [cell for cell in app.cell_manager.cell_ids() if cell in set(self.order)]
        self.base: dict[str, Made] = {}

    def first_shown(self, count: int) -> list[tuple[int, Made]]:
        """Run the first cells that show something, and what they need; their numbers and what they made."""
        shown: list[tuple[int, Made]] = []
        for number, cell in enumerate(self.cells):
            needed = {*self.graph.ancestors(cell), cell}  # type: ignore[arg-type]
            for one in self.order:
                if one in needed and one not in self.base:
                    self.base[one] = self._run(one, ())
            if self.base[cell].shown:
                shown.append((number, self.base[cell]))
            if len(shown) == count:
                break
        return shown

    def _run(self, cell_id: str, depends: Sequence[str]) -> Made:
        cell = self.graph.cells[cell_id]  # type: ignore[index]
        if any(ref not in self.values for ref in cell.refs if ref in self.graph.definitions):
            return self._without(cell.defs, None)  # it needs what a cell that stopped did not make
        before = {one: fields(widget) for one, widget in self._others(cell_id).items()} if depends else {}
        try:
            with put_in_its_place() as put:
                exec(cell.body, self.values)
                output = eval(cell.last_expr, self.values) if cell.last_expr is not None else None
            output = put[-1] if output is None and put else output
        except MarimoStopError as stop:
            return self._without(cell.defs, stop.output)
        except Exception as error:
            raise RunError(f"lesson {self.name} stopped with {type(error).__name__}: {error}") from error
        shown = None if output is None else mo.as_html(output).text
        widgets = {one.model_id or "": (one.file, fields(one)) for one in widgets_in(shown or "")}
        changed = {}
        for one, widget in (self._others(cell_id) if depends else {}).items():
            now = fields(widget)
            if news := {name: value for name, value in now.items() if value != before[one][name]}:
                changed[one] = news
                for name in news:
                    setattr(widget, name, before[one][name])
        defs = {name: self.values[name] for name in cell.defs if name in self.values}
        elements = {name: one for name, one in self.values.items() if isinstance(one, UIElement)}
        ids = {one._id: name for name, one in elements.items()}
        options = {name: list(map(str, one.options)) for name, one in elements.items() if hasattr(one, "options")}
        return Made(shown, defs, changed, ids, widgets, options)

    def _without(self, names: Iterable[str], output: Any) -> Made:
        """What a cell makes that was stopped, by `mo.stop` or for want of another: nothing but perhaps a word."""
        for name in names:
            self.values.pop(name, None)
        return Made(None if output is None else mo.as_html(output).text)

    def _others(self, cell_id: str) -> dict[str, Widget]:
        """Widgets that other cells show."""
        found = {}
        for cell, made in self.base.items():
            if cell != cell_id:
                found |= {widget.model_id or "": widget for widget in widgets_in(made.shown or "")}
        return found

    def _is_module(self, cell_id: str) -> bool:
        """The setup, and functions that are in the file by themselves: the module has them."""
        cell = self.graph.cells[cell_id]  # type: ignore[index]
        return cell_id == "setup" or (bool(cell.defs) and all(name in self.values for name in cell.defs))


class Session(Cells):
    """A lesson that has run once.

    Args:
        module: Of the lesson, imported.
        most: States that are prepared for controls which belong together; sliders lose positions until it suffices.

    Attributes:
        cells: Ids of its cells in the order of the page.
        base: What each cell made at first.
        controls: Controls that can be prepared, by name.
        depends: By cell the names of the controls from which it follows.

    Raises:
        RunError: If a cell stops with an error.
    """

    def __init__(self, module: ModuleType, most: int = 48):
        super().__init__(module)
        for cell in self.order:
            self.base[cell] = self._run(cell, ())
        for made in self.base.values():  # a film that waited was drawn by another cell
            made.widgets = {one.model_id or "": (one.file, fields(one)) for one in widgets_in(made.shown or "")}
        self.first = dict(self.values)
        self.controls = {
            name: control
            for cell in self.order for name in sorted(self.graph.cells[cell].defs)
            if (control := control_of(self.values.get(name))) is not None
        }  # fmt: skip
        self.depends = self._dependencies()
        self.used = set().union(*self.depends.values()) if self.depends else set()
        self.controls = {name: one for name, one in self.controls.items() if name in self.used}
        self.memory: dict[tuple[str, Place], Made] = {}
        thin(self.controls, self.groups(), most)
        self._find_all_options()
        thin(self.controls, self.groups(), most)

    def groups(self) -> list[tuple[str, ...]]:
        """Sets of controls from which some cell follows."""
        return sorted({names for names in self.depends.values() if names})

    def following(self, names: Sequence[str]) -> list[str]:
        """The cells that follow from exactly these controls."""
        return [cell for cell in self.order if self.depends[cell] == tuple(names)]

    def positions(self, names: Sequence[str]) -> list[tuple[int, ...]]:
        """All combinations of the positions that are kept, as numbers among these."""
        return list(product(*(range(len(self.controls[name].kept)) for name in names)))

    def states(self, names: Sequence[str]) -> Iterator[tuple[tuple[int, ...], dict[str, Made]]]:
        """For every combination what the cells that follow from these controls make of it."""
        for place in self.positions(names):
            made = self.at(dict(zip(names, place)))
            if made is not None:
                yield place, {cell: made[cell] for cell in self.following(names)}

    def can_show(self, cell: str) -> bool:
        """Whether a cell shows something, at first or in some state."""
        return self.base[cell].shown is not None or bool(self.depends[cell])

    def is_seen(self, names: Sequence[str]) -> bool:
        """Whether anything on the page follows from exactly these controls: a picture, or a change of a widget."""
        return any(made.shown is not None or made.changed for _, cells in self.states(names) for made in cells.values())

    def at(self, place: Mapping[str, int]) -> dict[str, Made] | None:
        """Run what follows from the controls in this position; None where a control does not have it there.

        Raises:
            RunError: If a cell stops with an error.
        """
        self.values.update(self.first)
        done: dict[str, Made] = {}
        try:
            for name in place:  # one that is made by a cell of the group gets its position there
                self._put(name, place)
            for cell in self.order:
                if not self.depends[cell] or not set(self.depends[cell]) <= set(place):
                    continue
                made = self._remembered(cell, place)
                if made is None:
                    return None
                done[cell] = made
        finally:
            self._restore()
        return done

    def _remembered(self, cell: str, place: Mapping[str, int]) -> Made | None:
        key = (cell, tuple((name, place[name]) for name in self.depends[cell]))
        if key not in self.memory:
            self.memory[key] = self._run(cell, self.depends[cell])
        made = self.memory[key]
        for name in self.graph.cells[cell].defs:
            self.values.pop(name, None)
        self.values.update(made.defs)
        has = [self._put(name, place) for name in made.defs if name in place]
        return made if all(has) else None

    def _put(self, name: str, place: Mapping[str, int]) -> bool:
        control = self.controls[name]
        return name in self.values and put(self.values[name], control, control.kept[place[name]])

    def _restore(self) -> None:
        self.values.update(self.first)
        for name, control in self.controls.items():
            if name in self.values:
                put(self.values[name], control, control.at)

    def _find_all_options(self) -> None:
        """A control that is made anew by others, with more options in some of their positions, has all of these."""
        for cell in self.order:
            names = [name for name in self.graph.cells[cell].defs if name in self.controls]
            for name in names if self.depends[cell] else ():
                for place in self.positions(self.depends[cell]):
                    self.at(dict(zip(self.depends[cell], place)))
                made = [one for key, one in self.memory.items() if key[0] == cell]
                found = [control for one in made if (control := control_of(one.defs[name])) is not None]
                fullest = max(found, key=lambda control: len(control.values), default=self.controls[name])
                first = self.controls[name]
                fullest.at = fullest.titles.index(first.titles[first.at])
                self.controls[name] = fullest

    def _dependencies(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        source: dict[str, set[str]] = {}
        for cell_id in self.order:
            cell = self.graph.cells[cell_id]
            names: set[str] = set()
            for ref in cell.refs:
                names |= ({ref} if ref in self.controls else set()) | source.get(ref, set())
            found[cell_id] = tuple(sorted(names))
            source |= dict.fromkeys(cell.defs, names)
        return found


@contextmanager
def put_in_its_place() -> Iterator[list[Any]]:
    """What a cell shows by `mo.output.replace` while it runs, which does nothing where no page is open."""
    shown: list[Any] = []
    usual, mo.output.replace = mo.output.replace, shown.append
    try:
        yield shown
    finally:
        mo.output.replace = usual


def fields(widget: Widget) -> dict[str, Any]:
    """What a widget holds for the browser."""
    return {name: getattr(widget, name) for name in widget.shared()}
