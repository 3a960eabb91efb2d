"""A study as people read it: a page with the way of the search, what mattered, every trial, and the honest test."""

from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from deepglass.core import files
from deepglass.tuning.importance import importance
from deepglass.tuning.study import StudyFolder
from deepglass.tuning.trial import Trial

PAGE = "study.html"
SHOWN = 24  # lines of the picture of all trials
PER_ROW = 9  # settings in it


def write_page(study: StudyFolder, result: dict[str, Any]) -> Path:
    """Write the page into the study's folder; returns its path.

    Args:
        study: Whose trials are shown.
        result: As `dg.tune` gives it.

    Raises:
        RunError: If the folder cannot be written to.
    """
    from deepglass.evaluate.page_templates import render

    trials = [trial for trial in study.trials() if trial.costs or trial.failure]
    names = [one.name for one in study.space.dimensions]
    ranked = sorted(trials, key=lambda trial: (not trial.is_done, trial.cost))
    context = {
        "name": study.path.resolve().name,
        "plan": study.plan,
        "space": [str(one) for one in study.space.dimensions],
        "result": result,
        "names": names,
        "rows": [row(study, trial, names) for trial in ranked],
        "figures": figures(study, trials, result),
    }
    path = study.path / PAGE
    files.write_text(path, render("study.html.j2", **context))
    return path


def row(study: StudyFolder, trial: Trial, names: list[str]) -> dict[str, Any]:
    """A trial in the table."""
    cells = [trial.values.get(name, "as usual" if trial.number == 0 else "–") for name in names]
    score = study.score(trial.cost) if trial.costs else None
    state = trial.failure or ("done" if trial.is_done else "paused")
    seconds = round(trial.seconds, 1)
    return {"number": trial.number, "score": score, "epochs": trial.epochs, "seconds": seconds, "state": state,
            "cells": cells}  # fmt: skip


def figures(study: StudyFolder, trials: list[Trial], result: dict[str, Any]) -> list[dict[str, Any]]:
    """The way of the search, what mattered, and all trials across all settings."""
    from deepglass.draw.bars import bars

    drawn = [("The best score so far, trial by trial", way(study, trials, study.plan["monitor"]).svg(), False)]
    if shares := result["importance"]:
        percent = {name: round(100 * share, 1) for name, share in shares.items()}
        shown = bars(percent, unit=" %", label="What the score varies by, as far as each setting explains it by itself")
        drawn.append(("What mattered; the rest is chance, and what acts together", shown.svg(), False))
    if lines := across(study, trials):
        drawn.append(("All trials: every line is one, the best are dark", lines, True))
    return [{"caption": caption, "svg": Markup(svg), "is_wide": is_wide} for caption, svg, is_wide in drawn]


def way(study: StudyFolder, trials: list[Trial], monitor: str) -> Any:
    """What each trial reached, and the best of those before it."""
    from deepglass.draw.curves import curves

    seen = [trial for trial in trials if trial.costs]
    costs = np.array([trial.cost for trial in seen])
    best = [study.score(cost) for cost in np.minimum.accumulate(costs)]
    numbers = [trial.number for trial in seen]
    values = {"trials": (numbers, [study.score(cost) for cost in costs]), "best so far": (numbers, best)}
    return curves(
        values, points=["trials"], label="Validation scores of the search", xlabel="trial", ylabel=monitor, whole=True
    )


def across(study: StudyFolder, trials: list[Trial]) -> str:
    """Parallel coordinates, as SVG: an axis per setting, a line per trial."""
    from matplotlib import colormaps

    from deepglass.draw.style import GREY, figure, picture

    placed = sorted((t for t in trials if t.costs and len(t.point) == len(study.space)), key=lambda trial: trial.cost)
    dimensions = study.space.dimensions[:PER_ROW]
    if len(placed) < 2 or len(dimensions) < 2:
        return ""
    fig, ax = figure(1.5 * len(dimensions) + 1, 2.9)
    shown = placed[:SHOWN]
    for rank, trial in reversed([*enumerate(shown)]):
        color = colormaps["viridis"](0.9 * rank / max(1, len(shown) - 1))
        ax.plot(range(len(dimensions)), trial.point[: len(dimensions)], color=color, linewidth=1.6, alpha=0.8)
    for i, one in enumerate(dimensions):
        ax.axvline(i, color=GREY, linewidth=0.8)
        ends = [one.value(0.0), one.value(1.0)]
        for value, height, va in zip(ends, (-0.03, 1.03), ("top", "bottom"), strict=True):
            ax.text(i, height, f"{value:.3g}" if isinstance(value, float) else str(value), ha="center", va=va)
    ax.set_xticks(range(len(dimensions)), [one.name.replace("_", " ") for one in dimensions])
    ax.tick_params(axis="x", length=0, pad=14)
    ax.set_yticks([])
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set_ylim(-0.02, 1.02)
    best = ", ".join(f"{name} {value}" for name, value in shown[0].values.items())
    return picture(fig, f"The {len(shown)} best trials across {len(dimensions)} settings; the best one has {best}")


def shares_of(study: StudyFolder) -> dict[str, float]:
    """Setting → share of what the score varies by."""
    return importance(study.space, study.told(study.trials()))
