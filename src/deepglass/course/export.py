"""The course as static pages: readable from a disk or any web host, every control alive, nothing fetched.

Each lesson is run once; what its cells show becomes one plain page. The widgets are the same JavaScript, given their
state by a small host instead of a kernel; formulas become MathML, which browsers draw themselves; for controls that
need Python, their states are prepared (`exporting/`). (marimo's own export fetches its front end from a network
address, and as ES modules, which browsers refuse to load from a disk.) Beside the pages lie the sources, the tests, and
the lessons for Jupyter. The home page is there first; an export that was interrupted goes on where it stopped.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

from deepglass.core import catalogue as core_catalogue
from deepglass.core import files
from deepglass.core.catalogue import CHECKOUT, PACKAGE
from deepglass.core.console import console
from deepglass.core.errors import DeepglassError, OptionError, RunError
from deepglass.course import catalogue, home
from deepglass.course.catalogue import Lesson
from deepglass.course.widgets.widget import FOLDER, WIDGETS

MARK = ".deepglass-course"
MOST_PROCESSES = 4
SUFFIXES = {".py", ".js", ".css", ".j2", ".svg", ".csv"}  # of what a page is made of


def export(folder: Path, runs_commands: bool = True, notebooks: bool = True, processes: int = 0) -> Path:
    """Write the course into a folder; one that an earlier version exported there is replaced.

    Args:
        folder: New, empty, or of an earlier export. If that was made of the same sources, lessons that it has are kept.
        runs_commands: Run the commands that lessons show where there is no record of them, and keep their output.
        notebooks: Write each lesson as .ipynb too.
        processes: That write lessons at the same time; 0 takes one per core, at most four.

    Returns:
        The home page.

    Raises:
        OptionError: If the folder holds something else.
    """
    lessons = catalogue.lessons()
    mark = fingerprint(runs_commands, notebooks, tuple(lesson.slug for lesson in lessons))
    done = make_room(folder, mark)
    if done:
        console.say(f"{len(done)} of {len(lessons)} lessons are there from before; going on with the others")
    files.write_text(folder / "index.html", home.page(exported=True))
    write_assets(folder / "assets")
    left = [lesson for lesson in lessons if lesson.slug not in done]
    with bar(len(lessons), len(done)) as advance:
        for lesson in written(left, folder, runs_commands, notebooks, processes):
            done.append(lesson.slug)
            files.write_json(folder / MARK, {"made_of": mark, "lessons": done})
            advance(lesson)
    return folder / "index.html"


def fingerprint(*options: object) -> str:
    """Of everything that pages are made of."""
    return sha256(repr((sources_digest(), options)).encode()).hexdigest()[:20]


@cache
def sources_digest() -> str:
    """Of the package's files."""
    digest = sha256()
    for path in sorted(path for path in PACKAGE.rglob("*") if path.suffix in SUFFIXES):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def make_room(folder: Path, mark: str) -> list[str]:
    """Empty the folder of an export of other sources; leave anything else alone.

    Returns:
        Lessons that are there already.

    Raises:
        OptionError: If something else than an earlier export is in the folder.
        RunError: If the folder cannot be emptied.
    """
    place = folder / MARK
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not place.is_file())):
        raise OptionError(f"{folder}: expected a new or empty folder, and there is something in it; choose another")
    before = mark_of(place)
    if before.get("made_of") == mark:
        return [slug for slug in before["lessons"] if (folder / "lessons" / slug / "index.html").is_file()]
    try:
        for part in ("assets", "lessons", "source", "notebooks"):
            if (folder / part).is_dir():
                shutil.rmtree(folder / part)
    except OSError as error:
        raise RunError(f"cannot empty {folder}: {error.strerror}") from None
    files.write_json(place, {"made_of": mark, "lessons": []})
    return []


def mark_of(place: Path) -> dict:
    """What an earlier export noted, or nothing."""
    try:
        noted = files.read_json(place)
    except DeepglassError:
        return {}
    return noted if isinstance(noted, dict) else {}


@contextmanager
def bar(total: int, done: int) -> Iterator[Callable[[Lesson], None]]:
    """A bar on a terminal, a line per lesson elsewhere."""
    if not (console.is_terminal and console.speaks):
        yield lambda lesson: console.say(f"lesson {lesson.number:2}  {lesson.title}")
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console.rich) as shown:
        task = shown.add_task("lessons", total=total, completed=done)
        yield lambda lesson: shown.update(task, advance=1, description=f"lesson {lesson.number}")


def written(
    lessons: Sequence[Lesson], folder: Path, runs_commands: bool, notebooks: bool, processes: int
) -> Iterator[Lesson]:
    """Write lessons, several at the same time, and hand back each that is whole.

    Raises:
        BaseException: What stopped a lesson; those that have not begun are left.
    """
    count = min(processes or min(os.cpu_count() or 1, MOST_PROCESSES), len(lessons))
    if count <= 1:
        for lesson in lessons:
            write(lesson, folder, runs_commands, notebooks)
            yield lesson
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        coming = {pool.submit(write, lesson, folder, runs_commands, notebooks): lesson for lesson in lessons}
        try:
            for future in as_completed(coming):
                future.result()
                yield coming[future]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def write(lesson: Lesson, folder: Path, runs_commands: bool, notebooks: bool) -> None:
    """One lesson with everything that lies beside it; its page is written last."""
    from deepglass.course.exporting.page import write_lesson

    write_sources(lesson, folder)
    if notebooks:
        write_notebook(lesson, folder / "notebooks" / f"{lesson.slug}.ipynb")
    write_lesson(lesson, folder / "lessons" / lesson.slug, runs_commands, notebooks)


def write_assets(folder: Path) -> None:
    """Style sheets and scripts, among them all widgets as text that the host imports: a disk allows no module files."""
    shutil.copytree(home.PAGES, folder, ignore=shutil.ignore_patterns("*.j2"), dirs_exist_ok=True)
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


def write_notebook(lesson: Lesson, place: Path) -> None:
    """The lesson for Jupyter; its first cell dresses the page.

    Raises:
        RunError: If marimo cannot write the notebook.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "marimo", "export", "ipynb", str(lesson.path), "-o", str(place), "-f"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RunError(f"marimo could not write {place.name}: {done.stderr.strip()[-300:]}")
    notebook = json.loads(place.read_text(encoding="utf-8"))
    first = {"cell_type": "code", "id": "dress", "metadata": {}, "execution_count": None, "outputs": [],
             "source": "from deepglass.course import jupyter\n\njupyter.dress()"}  # fmt: skip
    files.write_json(place, notebook | {"cells": [first, *notebook["cells"]]})
