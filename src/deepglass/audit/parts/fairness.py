"""Fairness: does the model answer everybody alike? Every score by group, rates, and how far the groups are apart."""

from dataclasses import replace
from typing import Any

import numpy as np

from deepglass.audit import FEWEST, TOO_FEW, Curve, Section, Settings, Table
from deepglass.audit.groups import AND_BY, groups_by, positive_class
from deepglass.audit.subject import Subject
from deepglass.evaluate import fairness, scores

TITLE = "Fairness"
QUESTION = "Does it answer some groups of people, or of anything else, worse than others?"
ANSWERS = None
INPUTS = ("columns", "text", "image")
USES = ("group_columns", "positive", "seed")

MOST_SHOWN = 12  # groups in the terminal
MOST_SCORES = 4  # columns of a table; the JSON has all
BINS = 8  # of calibration
LARGE, CHANCE = 0.05, 0.01  # a difference that is worth a warning, and how seldom it may come by chance


def audit(subject: Subject, settings: Settings) -> Section:
    """Every metric by group with its interval; for a good outcome also rates, differences and ratios."""
    by, positive = groups_by(subject, settings), positive_class(subject, settings)
    numbers: dict[str, dict[str, Any]] = {}
    tables, curves, warnings, sentences = [], [], [], []
    for column, names in by.items():
        is_pair = AND_BY in column
        shown = 0 if is_pair or positive is not None else MOST_SHOWN
        tables.append(replace(_scores_table(subject, column, names, numbers), most=shown))
        if positive is None:
            numbers |= _error_gaps(subject, column, names, settings.seed)
            continue
        counts = _counts(subject, names, positive)
        shown = 0 if is_pair else MOST_SHOWN
        tables.append(replace(_rates_table(subject, column, counts, positive, numbers), most=shown))
        large = counts.only(_large(names))
        if len(large.groups) > 1:
            found = fairness.gaps(large, settings.seed)
            numbers |= {f"{column}: {name}": value for name, value in found.items()}
            tables.append(replace(_gaps_table(column, found), most=shown))
            warnings += [] if is_pair else _warnings(column, found, large)
        if not is_pair:
            curves.append(_calibration(subject, column, names, positive))
    if positive is None and getattr(subject.task, "classes", None):
        sentences.append("Rates need a good outcome among the classes: name it with --positive.")
    small = {f"{column}: {name}" for column, names in by.items() for name in set(names) - _large(names)}
    if small:
        sentences.append(f"{len(small)} groups have fewer than {FEWEST} rows: of them it is {TOO_FEW}.")
    lead = _lead(subject, by, numbers, positive)
    method = [
        f"On {len(subject.examples):,} rows of {subject.where}; numbers with many values are cut into quarters, and "
        "rare values taken together.",
        "Intervals of 95 %: of a rate Wilson's, of a difference the bootstrap within the groups. A group of fewer than "
        f"{FEWEST} rows takes no part in a difference. A rate that no row defines is left out, and not called 0.",
    ]
    return Section("fairness", TITLE, lead, sentences, numbers, tables, curves, [], warnings, method)


def _large(names: np.ndarray) -> set[str]:
    """The groups of which something can be said."""
    found, counts = np.unique(names, return_counts=True)
    return {str(name) for name, count in zip(found, counts) if count >= FEWEST}


def _scores_table(subject: Subject, column: str, names: np.ndarray, numbers: dict[str, dict[str, Any]]) -> Table:
    """Every score of the task by group, the largest first; notes all of them among the numbers."""
    groups, counts = np.unique(names, return_counts=True)
    everybody = subject.task.evaluate(subject.outputs)
    known = scores.scores_of(everybody)
    shown = [*dict.fromkeys([*everybody["headline"], *(["bias"] if "bias" in known else []), *known])][:MOST_SCORES]
    rows = [_scores_row("everybody", len(names), everybody, shown)]
    for group, count in sorted(zip(groups, counts), key=lambda pair: -pair[1]):
        if count < FEWEST:
            rows.append({"group": str(group), "rows": int(count)} | dict.fromkeys(_titles(shown), TOO_FEW))
            continue
        found = subject.task.evaluate(subject.outputs.of_rows(np.flatnonzero(names == group)))
        numbers |= {
            f"{column}={group}: {name}": dict(value) | {"count": int(count)}
            for name, value in scores.scores_of(found).items()
        }
        rows.append(_scores_row(str(group), int(count), found, shown))
    return Table(f"By {column}", rows)


def _error_gaps(subject: Subject, column: str, names: np.ndarray, seed: int) -> dict[str, dict[str, Any]]:
    """Of values: how far errors differ between the groups that are large enough."""
    outputs, large = subject.outputs, sorted(_large(names))
    if outputs.predictions.ndim != 1 or len(large) < 2:
        return {}
    kept = np.isin(names, large)
    found = fairness.error_gaps(names[kept], (outputs.predictions - outputs.targets)[kept], seed)  # type: ignore[operator]
    return {f"{column}: {name}": value for name, value in found.items()}


def _titles(names: list[str]) -> list[str]:
    return [scores.metric(name).title for name in names]


def _scores_row(group: str, count: int, found: dict[str, Any], shown: list[str]) -> dict[str, Any]:
    cells = {scores.metric(name).title: _told(name, found.get(name)) for name in shown}
    return {"group": group, "rows": count} | cells


def _told(name: str, value: dict[str, Any] | None) -> str:
    """ "82.1 % (80.0 % to 84.0 %)"."""
    if value is None or value.get("value") is None:
        return "–"
    interval = scores.show_interval(name, value)
    return scores.show(name, value["value"]) + (f" ({interval})" if interval else "")


# -- rates of a good outcome ----------------------------------------------------------------------------------------


def _counts(subject: Subject, names: np.ndarray, positive: int) -> fairness.Counts:
    outputs = subject.outputs
    return fairness.Counts.of(names, outputs.targets == positive, outputs.predictions.argmax(axis=1) == positive)


def _rates_table(
    subject: Subject, column: str, counts: fairness.Counts, positive: int, numbers: dict[str, dict[str, Any]]
) -> Table:
    rates = {name: counts.rates(name) for name in fairness.RATES}
    rows = []
    for place in np.argsort(-counts.sizes, kind="stable"):
        group, count = counts.groups[place], int(counts.sizes[place])
        is_small = count < FEWEST
        row: dict[str, Any] = {"group": group, "rows": count}
        for name, values in rates.items():
            value = values[place]
            row[fairness.TITLES[name]] = TOO_FEW if is_small else _percent(value)
            if not is_small:
                numbers[f"{column}={group}: {name}"] = dict(value) | {"count": count}
        rows.append(row)
    return Table(f"Rates of “{subject.task.classes[positive]}” by {column}", rows)


def _percent(value: dict[str, Any]) -> str:
    if value["value"] is None:
        return "no row"
    return f"{100 * value['value']:.1f} % ({100 * value['low']:.0f} to {100 * value['high']:.0f})"


def _gaps_table(column: str, found: dict[str, dict[str, Any]]) -> Table:
    names = {"demographic_parity": "demographic parity: selected", "equal_opportunity": "equal opportunity: found"}
    names |= {"equalized_odds": "equalised odds: found, and false alarms", "precision_difference": "precision"}
    names |= {"accuracy_difference": "accuracy"}
    rows = [{"difference between groups": told, **_ends(found[name])} for name, told in names.items()]
    rows.append({"difference between groups": "ratio of selection rates", **_ends(found["selection_rate_ratio"])})
    note = "The largest difference between two groups; 0 is equal, of a ratio 1."
    return Table(f"How far apart by {column}", rows, note)


def _ends(value: dict[str, Any]) -> dict[str, Any]:
    if value["value"] is None:
        return {"value": "–", "95 % interval": "–"}
    ends = "–" if value["low"] is None else f"{value['low']:.3f} to {value['high']:.3f}"
    return {"value": f"{value['value']:.3f}", "95 % interval": ends}


def _warnings(column: str, found: dict[str, dict[str, Any]], counts: fairness.Counts) -> list[str]:
    """Of differences that chance does not explain."""
    said, train = [], f"or train with --fair {column} --constraint"
    parity, chances = found["selection_rate_ratio"]["value"], found["equal_opportunity"]["value"]
    if parity is not None and parity < fairness.FOUR_FIFTHS and _is_clear(counts, "selection_rate"):
        rates = counts.rate("selection_rate")
        least, most = counts.groups[int(np.nanargmin(rates))], counts.groups[int(np.nanargmax(rates))]
        said.append(
            f"by {column}, {least} is selected {parity:.2f} times as often as {most}, below the four fifths that are a "
            f"usual rule of thumb: find out why, {train} demographic-parity"
        )
    if chances is not None and chances > LARGE and _is_clear(counts, "true_positive_rate"):
        said.append(
            f"by {column}, true positive rates differ by {100 * chances:.1f} points: those who deserve it are found "
            f"less often in some groups; gather more rows of these, {train} equal-opportunity"
        )
    return said


def _is_clear(counts: fairness.Counts, rate: str) -> bool:
    return fairness.chance_of(counts, rate) < CHANCE


def _calibration(subject: Subject, column: str, names: np.ndarray, positive: int) -> Curve:
    """How often it was so, against the probability that was said, in bins of equal size."""
    said, truth = subject.outputs.predictions[:, positive], subject.outputs.targets == positive
    lines = {}
    for group in sorted(_large(names), key=lambda name: -(names == name).sum()):
        rows = np.flatnonzero(names == group)
        order = rows[np.argsort(said[rows], kind="stable")]
        pieces = np.array_split(order, min(BINS, max(1, len(rows) // FEWEST)))
        lines[group] = [(float(said[piece].mean()), float(truth[piece].mean())) for piece in pieces]
    return Curve(f"Calibration by {column}", "probability that was said", "how often it was so", lines, True)


def _lead(subject: Subject, by: dict[str, np.ndarray], numbers: dict[str, dict[str, Any]], positive: int | None) -> str:
    column = next(iter(by))
    if positive is not None and f"{column}: demographic_parity" in numbers:
        parity, odds = (numbers[f"{column}: {name}"]["value"] for name in ("demographic_parity", "equalized_odds"))
        told = "–" if odds is None else f"{100 * odds:.1f}"
        return (
            f"Between groups of {column}, rates of “{subject.task.classes[positive]}” differ by {100 * parity:.1f} "
            f"points (demographic parity), and mistakes by {told} points (equalised odds)."
        )
    name = subject.task.evaluate(subject.outputs)["headline"][0]
    own = {key: value["value"] for key, value in numbers.items() if key.startswith(f"{column}=") and key.endswith(name)}
    own = {key: value for key, value in own.items() if value is not None}
    if not own:
        return ""
    low, high = (pick(own, key=own.get).partition(": ")[0] for pick in (min, max))  # type: ignore[arg-type]
    ends = [scores.show(name, own[f"{group}: {name}"]) for group in (low, high)]
    return f"{scores.metric(name).title} lies between {ends[0]} ({low}) and {ends[1]} ({high})."
