"""An explanation as people read it: sentences and tables for the terminal, a page in the look of the report, JSON.

The words and the order of the page are in `evaluate/templates/explain.html.j2`, its pictures in `figures.py`.
"""

from pathlib import Path
from typing import Any

from deepglass.core import files
from deepglass.explain import Explanation
from deepglass.explain.wording import cell, named

MOST_ON_PAGE, MOST_SQUARES = 60, 12  # parts, and of a picture, whose map shows them all
FAILS = "does no better on deletion than a random order: do not rely on it here"


def lead(found: Explanation) -> str:
    """What adds up to what, in a sentence."""
    if found.score is None:
        return ""
    base = found.base or 0.0
    if "gap" in found.figures:
        sum_ = f"{found.unit} {found.score:.4g} = base {base:.4g} and contributions {found.score - base:+.4g}"
        return f"{sum_}; the base is {found.base_is}"
    return f"{found.unit} {found.score:.4g}; it is {base:.4g} for {found.base_is}"


def about(found: Explanation) -> str:
    """What is explained; blanks can be seen."""
    return named(found.about)


def shown_parts(found: Explanation, most: int, bar: int = 0) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of a table of the parts that matter most."""
    if "becomes" in found.parts[0]:
        rows = [[str(part["name"]), cell(part["value"]), cell(part["becomes"])] for part in found.parts]
        return [found.kind, "is", "becomes"], rows
    order = sorted(found.parts, key=lambda part: -abs(part["contribution"]))[:most]
    largest = max((abs(part["contribution"]) for part in order), default=0.0) or 1.0
    has_cells = any(part.get("value") not in (None, part["name"]) for part in order)
    has_ends = "low" in order[0]
    columns = [found.kind] + ["is"] * has_cells + ["contribution"] + ["95 % interval"] * has_ends + [""] * bool(bar)
    rows = []
    for part in order:
        row = [named(part["name"])] + ([cell(part["value"])] if has_cells else []) + [f"{part['contribution']:+.4g}"]
        row += [f"{part['low']:+.3g} to {part['high']:+.3g}"] if has_ends else []
        rows.append(row + ([_bar(part["contribution"] / largest, bar)] if bar else []))
    if len(found.parts) > most:
        rows.append([f"… {len(found.parts) - most} more", *[""] * (len(columns) - 1)])
    return columns, rows


def _bar(share: float, width: int) -> str:
    return ("▇" if share >= 0 else "░") * max(1, round(abs(share) * width)) if share else ""


def figures_of(found: Explanation) -> list[str]:
    """What the method measured of itself, in one line."""
    told = ", ".join(f"{name} {_figure(value)}" for name, value in found.figures.items())
    return [told] if told else []


def _figure(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}" if isinstance(value, float) else str(value)


def curve_lines(found: Explanation) -> list[str]:
    """Insertion and deletion, in one line; the page has a table for them."""
    if not (measured := found.quality.get("curves")):
        return []
    told = "; ".join(f"{n} {one['deletion']:.3f} and {one['insertion']:.3f}" for n, one in measured.items())
    return [f"mean score under deletion (less is better) and insertion (more is better): {told}"]


def quality_lines(found: Explanation) -> list[str]:
    """How far it can be trusted."""
    lines = []
    measured = found.quality.get("curves")
    if measured and measured["this map"]["deletion"] >= measured["random order"]["deletion"]:
        lines.append(f"warning: {found.title} {FAILS}")
    if checked := found.quality.get("sanity"):
        told = ", ".join(f"{value:.2f} with {share} of the layers" for share, value in checked["correlations"].items())
        lines.append(f"rank correlation with the map of shuffled weights: {told}")
        if not checked["changes"]:
            lines.append("warning: the map hardly changes when all that was learnt is shuffled: it shows the input")
    return lines + border_lines(found) + agreement_lines(found) + stability_lines(found)


def border_lines(found: Explanation) -> list[str]:
    """Whether the background may tell the class."""
    if not (measured := found.quality.get("border")):
        return []
    scores = f"{measured['border']:.2f} with the border of the picture alone, {measured['inside']:.2f} without it"
    told = f"{found.about}: {scores}"
    if "same" in measured:
        told += (
            f"; {measured['same']:.2f} with borders of other pictures of its class, {measured['other']:.2f} with those "
            f"of other classes, whose middles reach {measured['brings']:.2f} inside this border"
        )
    warning = "warning: the border tells most of it: look whether it is background that differs between the classes"
    return [told] + [warning] * measured["tells"]


def agreement_lines(found: Explanation) -> list[str]:
    """Whether other methods name the same parts."""
    return [
        f"agreement with {one['with']}: rank correlation {one['correlation']:.2f}, {one['common']} of the {one['top']} "
        f"largest in common ({one['by_chance']:.1f} by chance)"
        for one in found.quality.get("agreement") or []
    ]


def stability_lines(found: Explanation) -> list[str]:
    """Whether other draws, and other networks, give the same."""
    from deepglass.explain.quality.stability import ALARM

    measured, lines = found.quality.get("stability") or {}, []
    for name, one in measured.items():
        told = f"rank correlation {one['correlation']:.2f}, {one['common']:.1f} of the {one['top']} largest in common"
        source = "seeds" if name == "draws" else "networks of the bag, each explained alone"
        lines.append(f"stability over {one['many']} {source}: {told}")
    if "draws" in measured and measured["draws"]["correlation"] < ALARM:
        lines.append("warning: another seed ranks the parts otherwise: ask for more --samples")
    if "networks" in measured and measured["networks"]["correlation"] < ALARM:
        lines.append("warning: the networks of this run answer for different reasons: this explains their mean alone")
    return lines


def record(found: Explanation) -> dict[str, Any]:
    """As JSON can hold it, without the picture."""
    plain = {name: value for name, value in vars(found).items() if name not in ("map", "picture")}
    plain["curves"] = [curve for curve in found.curves if "column" in curve]
    return plain | ({"map": found.map.tolist()} if found.map is not None else {})


def write_page(path: Path, run: Any, found: Explanation) -> None:
    """Write the page.

    Raises:
        RunError: If its folder cannot be written to.
    """
    from deepglass.evaluate.page_templates import render
    from deepglass.explain import figures

    columns, rows = (
        shown_parts(found, MOST_ON_PAGE if found.picture is None else MOST_SQUARES) if found.parts else ([], [])
    )
    context = {
        "name": run.path.resolve().name,
        "task": run.config["task"],
        "model": run.config["model"],
        "found": found,
        "about": about(found),
        "lead": lead(found),
        "columns": columns,
        "rows": rows,
        "maps": figures.maps(found),
        "words": figures.words(found),
        "figures": figures.of(found),
        "facts": {name: _figure(value) for name, value in found.figures.items()},
        "quality": quality_lines(found),
        "curves": found.quality.get("curves") or {},
        "sanity": found.quality.get("sanity") or {},
    }
    files.write_text(path, render("explain.html.j2", **context))
