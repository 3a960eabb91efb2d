"""One lesson as a plain page, and the states of its controls in files beside it."""

import html
import importlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deepglass.core import files
from deepglass.course import home
from deepglass.course.catalogue import Lesson
from deepglass.course.exporting.controls import Control
from deepglass.course.exporting.formulas import formula
from deepglass.course.exporting.packing import Pieces, rounded
from deepglass.course.exporting.session import Made, Session

ELEMENT = re.compile(
    r"<marimo-ui-element[^>]*?object-id='([^']*)'[^>]*>\s*<marimo-([\w-]+)([^>]*)>.*?</marimo-\2>\s*</marimo-ui-element>",
    re.DOTALL,
)
FORMULA = re.compile(r"<marimo-tex[^>]*>(.*?)</marimo-tex>", re.DOTALL)
PICTURE_ID = re.compile(r"\bf[0-9a-f]{5,8}-")  # what evaluate/svg.py puts before the ids of a picture
ASLEEP = "This control wants Python: deepglass see"


def write_lesson(lesson: Lesson, folder: Path, runs_commands: bool, notebook: bool = False) -> None:
    """Run a lesson and write its page.

    Args:
        lesson: Which one.
        folder: For its page and the states beside it.
        runs_commands: Whether the commands that it shows are run where there is no record of them.
        notebook: Whether a notebook lies beside it, to which the page leads.
    """
    before = os.environ.get("DEEPGLASS_RECORD")
    os.environ["DEEPGLASS_RECORD"] = "1" if runs_commands else ""
    try:
        write_page(Session(importlib.import_module(f"deepglass.lessons.{lesson.slug}")), lesson, folder, notebook)
    finally:
        os.environ["DEEPGLASS_RECORD"] = before or ""


def write_page(session: Session, lesson: Lesson, folder: Path, notebook: bool = False) -> None:
    """The page of a lesson that has run, and `states-N.js` for each group of controls that belong together."""
    number = {cell: i for i, cell in enumerate(session.cells)}
    converted = {cell: Converted(session.base[cell], number[cell], session.controls) for cell in session.cells}
    hosts = {host: state for one in converted.values() for host, state in one.hosts.items()}
    names = {model: host for one in converted.values() for model, host in one.names.items()}
    shown = [group for group in session.groups() if session.is_seen(group)]
    groups = [write_states(session, group, i, folder, names) for i, group in enumerate(shown)]
    controls = {
        name: {**control.described(), "host": names.get(control.model, "")}
        for name, control in session.controls.items()
    }
    template = home.environment().get_template("lesson.html.j2")
    page = template.render(
        lesson=lesson,
        notebook=notebook,
        frame=home.inert(home.frame(lesson.slug)),
        states=home.inert(hosts),
        cells=[(number[cell], converted[cell].shown) for cell in session.cells if session.can_show(cell)],
        controls=home.inert({"controls": controls, "groups": groups}),
    )
    files.write_text(folder / "index.html", page)


def write_states(
    session: Session, group: tuple[str, ...], number: int, folder: Path, hosts: Mapping[str, str]
) -> dict[str, Any]:
    """The states of a group of controls, and what the page must know of it."""
    pieces, states, numbers = Pieces(), {}, {cell: i for i, cell in enumerate(session.cells)}
    for place, made in session.states(group):
        cells, changed = {}, {}
        for cell, one in made.items():
            now = Converted(one, numbers[cell], session.controls)
            cells[numbers[cell]] = {"html": now.shown, "hosts": now.hosts}
            changed |= {hosts[model]: news for model, news in one.changed.items() if model in hosts}
        states[",".join(map(str, place))] = pieces.packed({"cells": cells, "changed": changed})
    name = f"states-{number}.js"
    content = pieces.file(states)
    files.write_text(folder / name, f'deepglassStates({number}, "{content}");\n')
    follow = [numbers[cell] for cell in session.following(group) if session.base[cell].shown is not None]
    return {"controls": list(group), "file": name, "bytes": len(content), "cells": follow}


class Converted:
    """What a cell shows, without marimo.

    Attributes:
        shown: Its HTML.
        hosts: The widgets in it: file and state by the name of their place on the page.
        names: These names, by the widgets' ids.
    """

    def __init__(self, made: Made, number: int, controls: Mapping[str, Control]):
        self.made, self.number, self.controls = made, number, controls
        self.hosts: dict[str, dict[str, Any]] = {}
        self.names: dict[str, str] = {}
        self.shown = plain(made.shown or "", self._element)
        self._ids: dict[str, str] = {}
        self.shown = PICTURE_ID.sub(self._picture, rounded(self.shown))

    def _element(self, one: str, kind: str, data: dict[str, Any]) -> str:
        if kind == "anywidget" and data["model-id"] in self.made.widgets:
            file, state = self.made.widgets[data["model-id"]]
            host = self.names.setdefault(data["model-id"], f"{self.number}.{len(self.names)}")
            self.hosts[host] = {"file": file, "state": state}
            return f'<div class="dg-host" data-model="{host}"></div>'
        name = self.made.ids.get(one, "")
        if name not in self.controls:
            return asleep(kind, data)
        words = plain(data.get("label") or "")
        return control_html(name, self.controls[name], words, self.made.options.get(name))

    def _picture(self, found: re.Match[str]) -> str:
        """The same picture of a cell has the same ids in every state, so that states share more."""
        return self._ids.setdefault(found[0], f"p{self.number}-{len(self._ids)}-")


def plain(cell: str, convert: Any = None) -> str:
    """What a cell shows, without marimo's front end."""
    convert = convert or (lambda _, kind, data: asleep(kind, data))
    cell = ELEMENT.sub(lambda found: convert(found[1], found[2], attributes(found[3])), cell)
    cell = FORMULA.sub(lambda found: formula(html.unescape(found[1])), cell)
    return re.sub(r'href="\.\./(\w+)/"', r'href="../\1/index.html"', cell)


def attributes(text: str) -> dict[str, Any]:
    """The data of an element of marimo's: data-start='1' as {"start": 1}."""
    return {name: json.loads(html.unescape(value)) for name, value in re.findall(r"data-([\w-]+)='([^']*)'", text)}


def control_html(name: str, control: Control, words: str, options: Sequence[str] | None = None) -> str:
    """A control that needs no Python; `states.js` acts on it.

    Args:
        name: Of the variable that holds it.
        control: With its positions.
        words: Its label, HTML.
        options: Titles that there are in this state of the page; all, if not said.
    """
    titles, at = [control.titles[i] for i in control.kept], control.kept.index(control.at)
    there = [(i, html.escape(title)) for i, title in enumerate(titles) if options is None or title in options]
    chosen = html.escape(titles[at])
    if control.kind == "slider":
        fewer = f"{len(titles)} of {len(control.values)} positions; <code>deepglass see</code> has them all"
        note = f"<small>{fewer}</small>" if len(titles) < len(control.values) else ""
        ends = f'min="0" max="{len(titles) - 1}" value="{at}" aria-valuetext="{chosen}"'
        field = f'<label><span>{words}</span> <input type="range" {ends}> <output>{chosen}</output></label>{note}'
    elif control.kind == "dropdown":
        listed = "".join(f'<option value="{i}"{" selected" * (i == at)}>{title}</option>' for i, title in there)
        field = f"<label><span>{words}</span> <select>{listed}</select></label>"
    elif control.kind == "switch":
        field = f'<label><input type="checkbox" role="switch"{" checked" * at}> <span>{words}</span></label>'
    else:
        way = [f'type="radio" name="dg-{name}" value="{i}"{" checked" * (i == at)}' for i, _ in there]
        listed = "".join(f"<label><input {one}> {title}</label>" for one, (_, title) in zip(way, there))
        field = f"<fieldset><legend>{words}</legend>{listed}</fieldset>"
    return f'<span class="dg-control" data-control="{name}">{field}</span>'


def asleep(kind: str, data: dict[str, Any]) -> str:
    """A control as it is at first: there is no list of its states."""
    label, value = plain(data.get("label") or ""), data.get("initial-value")
    field = f"<b>{html.escape(in_words(value, data.get('steps')))}</b>"
    if kind == "slider":
        ends = f'min="{data["start"]}" max="{data["stop"]}"'
        field = f'<input type="range" disabled {ends} step="any" value="{value}"> {field}'
    return f'<label class="dg-asleep" title="{ASLEEP}">{label} {field}</label>'


def in_words(value: Any, steps: list[float] | None) -> str:
    """The value of a control; marimo keeps the number of the step where a slider has steps of its own."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if steps and isinstance(value, int | float):
        return f"{steps[int(value)]:,.6g}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
