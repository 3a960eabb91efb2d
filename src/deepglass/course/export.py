"""The course as static pages: readable from a disk or any web host, widgets alive, pictures in place, nothing fetched.

Each lesson is run once; what its cells show becomes one plain page. The widgets are the same JavaScript, given their
state by a small host instead of a kernel; formulas become MathML, which browsers draw themselves; controls that need
Python are shown as they stand. (marimo's own export fetches its front end from a network address, and as ES modules,
which browsers refuse to load from a disk.) Beside the pages lie the sources, the tests, and the lessons for Jupyter.
"""

import html
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import marimo as mo
from latex2mathml.converter import convert as mathml

from deepglass.core import catalogue as core_catalogue
from deepglass.core import files
from deepglass.core.catalogue import CHECKOUT
from deepglass.core.console import console
from deepglass.core.errors import OptionError, RunError
from deepglass.course import catalogue, home
from deepglass.course.catalogue import Lesson
from deepglass.course.widgets.widget import FOLDER, WIDGETS, Widget, widgets_in

MARK = "made by deepglass course export\n"
ELEMENT = re.compile(
    r"<marimo-ui-element[^>]*>\s*<marimo-([\w-]+)([^>]*)>.*?</marimo-\1>\s*</marimo-ui-element>", re.DOTALL
)
FORMULA = re.compile(r"<marimo-tex[^>]*>(.*?)</marimo-tex>", re.DOTALL)


def export(folder: Path, runs_commands: bool = True, notebooks: bool = True) -> Path:
    """Write the course into a folder; a course that was exported there before is replaced.

    Args:
        folder: New, empty, or of an earlier export.
        runs_commands: Run the commands that lessons show where there is no record of them, and keep their output.
        notebooks: Write each lesson as .ipynb too.

    Returns:
        The home page.

    Raises:
        OptionError: If the folder holds something else.
    """
    make_room(folder)
    write_assets(folder / "assets")
    for lesson in catalogue.lessons():
        console.say(f"lesson {lesson.number:2}  {lesson.title}")
        files.write_text(folder / "lessons" / lesson.slug / "index.html", lesson_page(lesson, runs_commands))
        write_sources(lesson, folder)
    if notebooks:
        write_notebooks(catalogue.lessons(), folder / "notebooks")
    files.write_text(folder / "index.html", home.page(exported=True))
    return folder / "index.html"


def make_room(folder: Path) -> None:
    """Empty the folder of an earlier export; leave anything else alone.

    Raises:
        OptionError: If something else than an earlier export is in the folder.
        RunError: If the folder cannot be emptied.
    """
    mark = folder / ".deepglass-course"
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not mark.is_file())):
        raise OptionError(f"{folder}: expected a new or empty folder, and there is something in it; choose another")
    try:
        for part in ("assets", "lessons", "source", "notebooks"):
            shutil.rmtree(folder / part, ignore_errors=True)
    except OSError as error:
        raise RunError(f"cannot empty {folder}: {error.strerror}") from None
    files.write_text(mark, MARK)


def write_assets(folder: Path) -> None:
    """Style sheets and scripts, among them all widgets as text that the host imports: a disk allows no module files."""
    shutil.copytree(home.PAGES, folder, ignore=shutil.ignore_patterns("*.j2"))
    shutil.copy(FOLDER / "widgets.css", folder)
    for name in core_catalogue.entries("course/widgets"):
        core_catalogue.load("course/widgets", name)
    sources = {kind.file: kind.source for kind in WIDGETS}
    files.write_text(folder / "widgets.js", f"window.deepglassWidgets = {json.dumps(sources, indent=0)};\n")


def write_sources(lesson: Lesson, folder: Path) -> None:
    """The file of the lesson, and its test where there is a checkout."""
    files.write_bytes(folder / "source" / lesson.path.name, lesson.path.read_bytes())
    if (CHECKOUT / lesson.test).is_file():
        files.write_bytes(folder / "source" / lesson.test, (CHECKOUT / lesson.test).read_bytes())


def write_notebooks(lessons: tuple[Lesson, ...], folder: Path) -> None:
    """The lessons for Jupyter; the first cell of each dresses the page.

    Raises:
        RunError: If marimo cannot write a notebook.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "deepglass.course.notebooks", str(folder), *(str(one.path) for one in lessons)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RunError(f"marimo could not write the notebooks: {done.stderr.strip()[-300:]}")
    first = {"cell_type": "code", "id": "dress", "metadata": {}, "execution_count": None, "outputs": [],
             "source": "from deepglass.course import jupyter\n\njupyter.dress()"}  # fmt: skip
    for lesson in lessons:
        place = folder / f"{lesson.slug}.ipynb"
        notebook = json.loads(place.read_text(encoding="utf-8"))
        files.write_json(place, notebook | {"cells": [first, *notebook["cells"]]})


# -- one lesson -----------------------------------------------------------------------------------------------------


def lesson_page(lesson: Lesson, runs_commands: bool) -> str:
    """Run a lesson, and make a plain page of what its cells show."""
    before = os.environ.get("DEEPGLASS_RECORD")
    os.environ["DEEPGLASS_RECORD"] = "1" if runs_commands else ""
    try:
        outputs, _ = importlib.import_module(f"deepglass.lessons.{lesson.slug}").app.run()
    finally:
        os.environ["DEEPGLASS_RECORD"] = before or ""
    return page_of(lesson, outputs)


def page_of(lesson: Lesson, outputs: Iterable[Any]) -> str:
    """A plain page of what the cells of a lesson show."""
    shown = [mo.as_html(output).text for output in outputs if output is not None]
    states = {widget.model_id: state_of(widget) for widget in widgets_in("\n".join(shown))}
    template = home.environment().get_template("lesson.html.j2")
    return template.render(
        lesson=lesson, cells=[plain(cell) for cell in shown], frame=inert(home.frame(lesson.slug)), states=inert(states)
    )


def state_of(widget: Widget) -> dict[str, Any]:
    """What the host needs to bring a widget to life."""
    return {"file": widget.file, "state": {name: getattr(widget, name) for name in widget.shared()}}


def inert(content: Any) -> str:
    """JSON that can stand inside a script element, whatever it holds."""
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")


def plain(cell: str) -> str:
    """What a cell shows, without marimo's front end."""
    cell = ELEMENT.sub(lambda found: element(found[1], attributes(found[2])), cell)
    cell = FORMULA.sub(lambda found: formula(html.unescape(found[1])), cell)
    return re.sub(r'href="\.\./(\w+)/"', r'href="../\1/index.html"', cell)


def attributes(text: str) -> dict[str, Any]:
    """The data of an element of marimo's: data-start='1' as {"start": 1}."""
    return {name: json.loads(html.unescape(value)) for name, value in re.findall(r"data-([\w-]+)='([^']*)'", text)}


def element(kind: str, data: dict[str, Any]) -> str:
    """A widget's place, or a control as it stands: its Python sleeps."""
    if kind == "anywidget":
        return f'<div class="dg-host" data-model="{data["model-id"]}"></div>'
    label, value = data.get("label") or "", data.get("initial-value")
    field = f"<b>{html.escape(in_words(value, data.get('steps')))}</b>"
    if kind == "slider":
        ends = f'min="{data["start"]}" max="{data["stop"]}"'
        field = f'<input type="range" disabled {ends} step="any" value="{value}"> {field}'
    return f'<label class="dg-asleep" title="This control wants Python: deepglass see">{label} {field}</label>'


def in_words(value: Any, steps: list[float] | None) -> str:
    """The value of a control; marimo keeps the number of the step where a slider has steps of its own."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if steps and isinstance(value, int | float):
        return f"{steps[int(value)]:,.6g}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def formula(text: str) -> str:
    """A formula between marimo's marks as MathML."""
    block = text.strip().startswith("||[")
    tex = text.strip().removeprefix("||[").removeprefix("||(").removesuffix("||]").removesuffix("||)")
    return mathml(tex, display="block" if block else "inline")
