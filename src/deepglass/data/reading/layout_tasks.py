"""Which tasks open a layout, as their files declare in the literal `READS`; and what is said where none does."""

from deepglass.core import catalogue
from deepglass.core.errors import DataError
from deepglass.core.wording import listing
from deepglass.data.containers import Layout


def tasks_for(kind: str) -> list[str]:
    """The tasks that open layouts of a kind: first those whose main kind it is, then by name."""
    opened = {name.replace("_", "-"): catalogue.declared_by(name, "READS") for name in catalogue.entries("tasks")}
    readers = [task for task, kinds in opened.items() if kind in kinds]
    return sorted(readers, key=lambda task: (opened[task].index(kind), task))


def task_for(layout: Layout) -> tuple[str, str]:
    """The first of these tasks, and why.

    Raises:
        DataError: If there is none; names the nearest thing that can be done.
    """
    tasks = tasks_for(layout.kind)
    if not tasks:
        raise DataError(str(layout))
    others = f", which {listing(tasks[1:])} can read too" if tasks[1:] else ""
    return tasks[0], f"{layout.what}{others}"


def require_reader(layout: Layout, task: str) -> None:
    """Refuse a layout that a task does not open.

    Raises:
        DataError: Says what it is, and which task does open it.
    """
    tasks = tasks_for(layout.kind)
    if not tasks:
        raise DataError(str(layout))
    if task not in tasks:
        raise DataError(f"{layout.counted}, which {task} does not read: choose --task {' or '.join(tasks)}")
