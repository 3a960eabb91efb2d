"""An audit as people read it: lines and tables for the terminal, a page in the look of the report, JSON.

The words and the order of the page are in `evaluate/templates/audit.html.j2`.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from deepglass.audit import FOLDER, Curve, Section, Table
from deepglass.core import catalogue, files
from deepglass.core.run_folder import RunFolder

FILE, PAGE = "audit.json", "audit.html"
MOST_LINES = 6  # of a figure


def write(run: Any, sections: list[Section], path: Path | None = None) -> Path:
    """Write audit.json and the page; parts that an earlier audit asked and this one did not stay. Returns its path.

    Raises:
        RunError: If the folder cannot be written to.
    """
    folder: RunFolder = run.folder
    now = {section.part: record(section) for section in sections}
    folder.write(FILE, {"parts": earlier(folder) | now})
    path = folder / PAGE if path is None else path
    write_page(path, run, sections)
    return path


def earlier(folder: RunFolder) -> dict[str, dict[str, Any]]:
    """The sections that audit.json holds, by part; empty where there was no audit.

    Raises:
        RunError: If the file is damaged.
    """
    if not files.lies_at(folder / FILE):
        return {}
    parts = folder.require_record(FILE, "parts")["parts"]
    with folder.understanding(FILE):
        return {str(name): dict(part) for name, part in parts.items()}


def record(section: Section) -> dict[str, Any]:
    """As JSON can hold it, without the pictures."""
    return {name: value for name, value in asdict(section).items() if name != "pictures"}


def write_page(path: Path, run: Any, sections: list[Section]) -> None:
    """Write the page.

    Raises:
        RunError: If its folder cannot be written to.
    """
    from deepglass.evaluate.page_templates import render

    context = {
        "name": run.path.resolve().name,
        "task": run.config["task"],
        "model": run.config["model"],
        "sections": [view(section) for section in sections if not section.left_out],
        "left_out": [section for section in sections if section.left_out],
    }
    files.write_text(path, render("audit.html.j2", **context))


def view(section: Section) -> dict[str, Any]:
    """A section as the template shows it."""
    return {
        **vars(section),
        "question": catalogue.constant(FOLDER, section.part, "QUESTION", ""),
        "tables": [{"title": t.title, "note": t.note, **table_of(t, len(t.rows))} for t in section.tables],
        "figures": [{"caption": curve.title, "svg": figure(curve)} for curve in section.curves],
    }


def table_of(table: Table, most: int) -> dict[str, Any]:
    """`columns`, `rows` of words, and how many rows were `left_out`."""
    columns = list(table.rows[0]) if table.rows else []
    rows = [[cell(row.get(name)) for name in columns] for row in table.rows[:most]]
    return {"columns": columns, "rows": rows, "left_out": max(0, len(table.rows) - most)}


def cell(value: Any) -> str:
    """A value in a table."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}" if isinstance(value, float) else str(value)


def figure(curve: Curve) -> Any:
    """Lines with their intervals."""
    from deepglass.evaluate.svg import FAINT, SERIES, draw

    shown = dict(list(curve.lines.items())[:MOST_LINES])

    def paint(axes: Any) -> None:
        for color, (name, points) in zip(SERIES, shown.items()):
            places, values = [p[0] for p in points], [p[1] for p in points]
            axes.plot(places, values, color=color, label=name, marker="o", markersize=3.5)
            if points and len(points[0]) == 4:
                axes.fill_between(places, [p[2] for p in points], [p[3] for p in points], color=color, alpha=0.15)
        if curve.diagonal:
            axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1.2)
        axes.set_xlabel(curve.x)
        axes.set_ylabel(curve.y)
        if len(shown) > 1:
            axes.legend()

    ends = "; ".join(
        f"{name} from {points[0][1]:.3g} to {points[-1][1]:.3g}" for name, points in shown.items() if points
    )
    return draw(paint, f"{curve.title}: {ends}")


def lines_of(section: Section) -> list[str]:
    """What the terminal says beside the tables."""
    lines = [section.lead] if section.lead else []
    return [*lines, *section.sentences, *(f"warning: {warning}" for warning in section.warnings)]
