"""The surface over two columns: what the run answers everywhere between their values, all else as in a typical row.

Of a table with fewer than two columns of numbers, and beside the surface, the partial dependence of single columns:
what is answered on average when one column takes each of its values in every row (`explain/methods`).
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from deepglass.core import catalogue
from deepglass.core.errors import DeepglassError, OptionError
from deepglass.draw.curves import curves
from deepglass.draw.drawing import ORDER, Drawing
from deepglass.draw.style import BLUE, INK
from deepglass.explain.inputs.columns import Parts, typical_row
from deepglass.explain.subject import Subject
from deepglass.see import Asked, NotForThisRun, View
from deepglass.see.opened import Opened

PLACE = 9
TITLE = "The decision surface"
QUESTION = "Where does it decide for what, and what does a single column do?"
LESSON = "07_logistic_regression"
READ = ("see/panels/surface.py", "explain/methods/partial_dependence.py")
IS_QUICK = False
ASKS = ("columns",)

GRID, MOST_POINTS, CURVES = 41, 200, 4


def show(opened: Opened, asked: Asked) -> View:
    """The surface over two columns of numbers with rows upon it, then curves of single columns.

    Raises:
        NotForThisRun: If the run does not read columns.
        OptionError: If a column is unknown, or is not of numbers.
    """
    opened.require_kind(("columns",), "the columns of a table")
    numbers = number_columns(opened.run.task)
    names = chosen(opened, asked, numbers)
    shown, said = ([], "It has fewer than two columns of numbers, so there is no plane to show.")
    facts: dict[str, Any] = {"columns": names}
    if len(names) == 2:
        grid = answers(opened, names, numbers)
        shown.append(drawn(opened, names, grid))
        said = f"What it answers where {names[0]} and {names[1]} vary and everything else is as in a typical row."
        facts |= {name: grid[name].tolist() for name in ("x", "y", "score")} | {"about": grid["names"]}
    return View(said, [*shown, *single(opened, facts)], facts)


def number_columns(task: Any) -> dict[str, tuple[float, float]]:
    """By name where the values of the columns of numbers lie, of those that vary; no dates."""
    dates = {number.name for number in task.preprocessor.numbers if number.part is not None}
    known = {name: task.statistics.get(name, {}).get("quantiles") for name in task.preprocessor.columns}
    return {
        name: (float(values[0]), float(values[-1]))
        for name, values in known.items()
        if values and name not in dates and values[-1] > values[0]
    }


def chosen(opened: Opened, asked: Asked, numbers: dict[str, Any]) -> list[str]:
    """The two that were asked for, or those that matter most.

    Raises:
        OptionError: If one is unknown.
    """
    from deepglass.evaluate.report import listed

    for name in asked.columns:
        if name not in numbers:
            raise OptionError(catalogue.unknown("column of numbers", name, list(numbers)))
    worth = [str(one.get("column", one.get("name"))) for one in listed(opened.folder, "importance.json")]
    order = [*asked.columns, *(name for name in [*worth, *numbers] if name in numbers)]
    return list(dict.fromkeys(order))[:2]


def answers(opened: Opened, names: list[str], numbers: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """x (G,), y (G,), score (G, G, S) in rows of equal y, and what the scores are called."""
    task = opened.run.task
    rows = Parts.typical_rows(task)
    parts = Parts.of(task, rows.inputs([0]), {"record": typical_row(task)})
    x, y = (np.linspace(*numbers[name], GRID) for name in names)
    changes = [{names[0]: float(a), names[1]: float(b)} for b in y for a in x]
    subject = Subject(opened.run, parts, 0, rows)
    score = subject.scores_of(parts.with_cells(changes)).reshape(GRID, GRID, -1)
    return {"x": x, "y": y, "score": score, "names": [str(name) for name in task.score_names]}


def drawn(opened: Opened, names: list[str], grid: dict[str, Any]) -> Drawing:
    """Of classes the one that is answered, as strong as it is sure; of a value its contours; with rows as points."""
    x, y, score = grid["x"], grid["y"], grid["score"]
    points, of_class = rows_upon(opened, names)
    is_classes = score.shape[2] > 1
    best = score.argmax(axis=2)

    def paint(ax: Axes) -> None:
        if is_classes:
            for k in range(score.shape[2]):
                held = np.where(best == k, score[..., k], np.nan)
                colors = [ORDER[k % len(ORDER)]]
                for level in (0.0, 0.6, 0.9):
                    if np.nanmax(held, initial=-1.0) > level:
                        ax.contourf(x, y, np.nan_to_num(held, nan=-1.0), levels=[level, 2.0], colors=colors, alpha=0.14)
        else:
            lines = ax.contour(x, y, score[..., 0], levels=9, colors=BLUE, linewidths=1.1)
            ax.clabel(lines, fontsize=8)
        for k in sorted(set(of_class)):
            own = points[[i for i, one in enumerate(of_class) if one == k]]
            ax.scatter(*own.T, s=16, color=ORDER[k % len(ORDER)] if is_classes else INK, edgecolors="none", alpha=0.9)

    return Drawing(
        paint, in_words(names, grid, is_classes), caption=legend(grid["names"], is_classes), size=(5.6, 4.0),
        xlim=(float(x[0]), float(x[-1])), ylim=(float(y[0]), float(y[-1])),
        axes={"xlabel": names[0], "ylabel": names[1]},
    )  # fmt: skip


def rows_upon(opened: Opened, names: list[str]) -> tuple[np.ndarray, list[int]]:
    """(n, 2) cells of validation rows, and the position of the class of each; none where the data have gone."""
    import torch

    try:
        places = opened.places(MOST_POINTS)
        records = [opened.rows.shown(place)["record"] for place in places]
        targets = opened.rows.examples.batch(torch.tensor(places))[-1]
    except (NotForThisRun, KeyError):
        return np.zeros((0, 2)), []
    cells, kept = [], []
    for record, target in zip(records, targets, strict=True):
        try:
            cells.append([float(record[name]) for name in names])
        except (TypeError, ValueError, KeyError):
            continue
        is_class = not target.is_floating_point() and not target.dim()
        kept.append(int(target) if is_class else 0)
    return np.array(cells, dtype=float).reshape(-1, 2), kept


COLORS = ("blue", "orange", "green", "pink", "gold", "grey")


def legend(names: list[str], is_classes: bool) -> str:
    """Which colour is which class."""
    if not is_classes:
        return "Lines of equal answer; dots are validation rows"
    told = [f"{name}: {COLORS[k % len(COLORS)]}" for k, name in enumerate(names[:12])]
    return f"{', '.join(told)}; stronger where it is more than 60 and 90 % sure; dots are validation rows"


def in_words(names: list[str], grid: dict[str, Any], is_classes: bool) -> str:
    """The surface for those who cannot see it."""
    score = grid["score"]
    if not is_classes:
        return f"The answer over {names[0]} and {names[1]}, from {score.min():.4g} to {score.max():.4g}."
    best = score.argmax(axis=2)
    told = [f"{name} on {(best == k).mean():.0%}" for k, name in enumerate(grid["names"]) if (best == k).any()]
    return f"What is answered over {names[0]} and {names[1]}: {', '.join(told)} of the plane."


def single(opened: Opened, facts: dict[str, Any]) -> list[Drawing]:
    """Partial dependence of the columns whose curves move most."""
    try:
        found = opened.run.explain(method="partial-dependence", data=opened.data, quality=False, count=CURVES)
    except DeepglassError as error:
        facts["without curves"] = str(error)
        return []
    shown = []
    for curve in found.curves:
        is_number = all(isinstance(value, int | float) for value in curve["values"])
        x = curve["values"] if is_number else list(range(1, len(curve["values"]) + 1))
        words = "" if is_number else "; ".join(f"{i}: {value}" for i, value in enumerate(curve["values"], 1))
        name = curve["column"]
        shown.append(
            curves(
                {name: (x, curve["mean"])},
                bands={name: (curve["low"], curve["high"])},
                xlabel=name,
                ylabel=found.unit or "answer",
                label=f"Mean answer for {found.about or 'the run'} by {name}",
                caption=words,
                points=not is_number,
                whole=not is_number,
                height=2.4,
            )
        )
    facts["curves"] = [curve["column"] for curve in found.curves]
    return shown
