"""Odds ratios: by what the odds of the answer are multiplied when one cell changes and the others stay.

    odds = p / (1 − p)        odds ratio = odds(row with the new cell) / odds(row with the old one)

A number grows by a round step, a word takes the place of the most frequent one. Where the network is one linear layer
and the column enters it as it is, the ratio is e to the weight times the step, the same in every row. Elsewhere rows
differ, and the mean of the logarithms is told with its interval.

Cornfield (1951), A Method of Estimating Comparative Rates from Clinical Data, https://doi.org/10.1093/jnci/11.6.1269.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from deepglass.core import catalogue
from deepglass.core.errors import DataError, OptionError
from deepglass.explain import Explanation, Settings
from deepglass.explain.subject import Subject
from deepglass.explain.wording import named

TITLE = "odds ratios"
KINDS = ("columns",)
USES = ("count", "column")  # of the settings
EXPLAINS = "rows"
MOST_ROWS = 300
Z = 1.96  # of a 95 % interval
SAME = 1e-3  # of a logarithm: rows that differ by less agree
FAR, NEAR = 8, 2  # of the eleven deciles: a step is about a third of what lies between


def log_odds(p: np.ndarray) -> np.ndarray:
    """ln(p / (1 − p)); 0 and 1 are moved in by as much as float64 can tell."""
    p = np.clip(p, 1e-15, 1 - 1e-15)
    return np.log(p) - np.log1p(-p)


def explain(subject: Subject, settings: Settings) -> Explanation:
    """The ratio of each column, the furthest from 1 first; of one column of words each word.

    Raises:
        OptionError: If there is no such column, or the answer has no odds.
        DataError: If no column can be changed.
    """
    if not subject.task.scores_are_odds:
        raise OptionError(
            f"--method odds: odds are of classes and labels, and this run answers with {subject.unit}: choose "
            "--method partial-dependence"
        )
    names = subject.parts.names
    if settings.column is not None and settings.column not in names:
        raise OptionError("--column: " + catalogue.unknown("column", settings.column, names))
    rows = list(range(min(MOST_ROWS, len(subject.rows))))
    inputs, frame = subject.rows.inputs(rows), _cells(subject, rows)
    found = []
    for name in [settings.column] if settings.column else names:
        found += [_ratio(subject, inputs, name, *change) for change in _changes(subject.task, frame, name)]
    if not found:
        raise DataError("no column can be changed: expected numbers, or words of which the training knew two")
    found = sorted(found, key=lambda part: -abs(part["contribution"]))
    shown = found if settings.column else found[: settings.count]
    figures = {"rows": len(rows), "evaluations": subject.asked}
    facts = {"parts": shown, "figures": figures, "unit": "odds", "contribution_unit": "logarithm of the odds ratio"}
    return subject.bare("odds", TITLE, notes=[_agreement(found)], **facts)


def _cells(subject: Subject, rows: list[int]) -> pd.DataFrame:
    records = [subject.rows.shown(row).get("record", {}) for row in rows]
    return pd.DataFrame([{name: record.get(name) for name in subject.parts.names} for record in records])


def _changes(task: Any, frame: pd.DataFrame, name: str) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame, np.ndarray]]:
    """What is changed, the rows before and after it, and which of them can be changed."""
    known = task.statistics.get(name, {})
    dates = {number.name for number in task.preprocessor.numbers if number.part is not None}
    if words := sorted((word for word in known.get("shares", {}) if word), key=lambda word: -known["shares"][word]):
        before = frame.assign(**{name: words[0]})
        for word in words[1:]:
            told = f"{named(name)}: {named(word)} instead of {named(words[0])}"
            yield told, before, frame.assign(**{name: word}), np.ones(len(frame), dtype=bool)
    elif "quantiles" in known and name not in dates and known["quantiles"][0] < known["quantiles"][-1]:
        cells, step = pd.to_numeric(frame[name], errors="coerce"), round_step(known["quantiles"])
        yield f"{named(name)} + {step:g}", frame, frame.assign(**{name: cells + step}), cells.notna().to_numpy()


def round_step(quantiles: list[float]) -> float:
    """1, 2 or 5 times a power of ten, no more than a third of what lies between the second and the eighth decile."""
    wide = (quantiles[FAR] - quantiles[NEAR] or quantiles[-1] - quantiles[0]) / 3
    power = 10.0 ** np.floor(np.log10(wide))
    return float(max(digit * power for digit in (1, 2, 5) if digit * power <= wide * (1 + 1e-9)))


def _ratio(
    subject: Subject,
    inputs: tuple[Tensor, ...],
    name: str,
    told: str,
    before: pd.DataFrame,
    after: pd.DataFrame,
    able: np.ndarray,
) -> dict[str, Any]:
    ends = [log_odds(subject.score_of(_with(subject, inputs, name, frame))) for frame in (before, after)]
    logs = (ends[1] - ends[0])[able]
    if not len(logs):
        return {"name": told, "value": "no cell to change", "contribution": 0.0, "low": 0.0, "high": 0.0, "spread": 0.0}
    mean = float(logs.mean())
    error = Z * float(logs.std(ddof=1)) / np.sqrt(len(logs)) if len(logs) > 1 else 0.0
    record = {"name": told, "value": f"odds × {np.exp(mean):.3g}", "contribution": mean}
    return record | {"low": mean - error, "high": mean + error, "spread": float(np.ptp(logs))}


def _with(subject: Subject, inputs: tuple[Tensor, ...], name: str, frame: pd.DataFrame) -> tuple[Tensor, ...]:
    """The inputs with one column taken from a frame, the others untouched."""
    place = subject.parts.names.index(name)
    encoded = (torch.from_numpy(part) for part in subject.task.preprocessor.transform(frame))
    triples = zip(inputs, encoded, subject.parts.owner, strict=True)
    return tuple(torch.where(owner == place, other, x) for x, other, owner in triples)


def _agreement(found: list[dict[str, Any]]) -> str:
    widest = max(found, key=lambda part: part["spread"])
    if widest["spread"] < SAME:
        return "every row agrees on every ratio: the model adds up columns in log-odds"
    return (
        f"rows do not agree: the logarithms differ by up to {widest['spread']:.2g} ({widest['name']}), so a ratio is a "
        "mean over the rows that were asked"
    )
