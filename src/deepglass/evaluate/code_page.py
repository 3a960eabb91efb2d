"""A page with the map of codes, and for some of the examples those whose codes are nearest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core import files
from deepglass.evaluate.code_map import drawn, flat, neighbours

SHOWN, NEAR = 8, 6  # examples, and neighbours of each
COMPARED = 2000  # examples among which neighbours are counted
CELLS = 4  # of a row, as many as fit


def agreement(codes: np.ndarray, groups: np.ndarray, count: int = NEAR) -> tuple[float, float] | None:
    """How many of the nearest codes are of the same group, and how many would be by chance; None without groups.

    Shape:
        - codes: (N, K)
        - groups: (N,), -1 where nobody knows
    """
    known = np.flatnonzero(groups >= 0)
    known = known[np.linspace(0, len(known) - 1, min(len(known), COMPARED)).astype(int)] if len(known) else known
    if len(known) <= count or len(np.unique(groups[known])) < 2:
        return None
    near = neighbours(codes[known], np.arange(len(known)), count)
    shares = np.bincount(groups[known]) / len(known)
    return float((groups[known][near] == groups[known][:, None]).mean()), float((shares**2).sum())


def examples(codes: np.ndarray, names: dict[str, list[Any]], shown: Callable[[int], dict[str, Any]]) -> list[Any]:
    """Some examples, evenly chosen, each followed by its nearest: name and picture or cells."""
    some = np.unique(np.linspace(0, len(codes) - 1, min(SHOWN, len(codes))).astype(int))
    near = neighbours(codes, some, min(NEAR, len(codes) - 1))

    def one(place: int) -> dict[str, Any]:
        record = shown(place)
        cells = list((record.get("record") or {}).items())[:CELLS]
        name = ", ".join(f"{key} {column[place]}" for key, column in names.items())
        return {"name": name, "image": record.get("image"), "cells": cells}

    return [[one(place), *(one(int(other)) for other in others)] for place, others in zip(some.tolist(), near)]


def write(path: Path, about: dict[str, str], codes: Any) -> dict[str, Any]:
    """Write the page; returns its figures.

    Args:
        path: Of the page.
        about: Name of the run, its task and model.
        codes: From `runs/codes.py`.

    Raises:
        RunError: If its folder cannot be written to.
    """
    from deepglass.evaluate.page_templates import render

    agreed, shares = agreement(codes.codes, codes.groups), flat(codes.codes)[1]
    content = render(
        "map.html.j2",
        **about,
        count=len(codes.codes),
        size=codes.codes.shape[1],
        share=float(shares.sum()),
        map=drawn(codes.codes, codes.groups, codes.known, height=4.6),
        near=NEAR,
        agreed=agreed,
        rows=examples(codes.codes, codes.names, codes.shown),
    )
    files.write_text(path, content)
    return {
        "share_on_map": float(shares.sum()),
        "neighbours_agree": agreed and agreed[0],
        "chance": agreed and agreed[1],
    }
