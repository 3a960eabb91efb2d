"""Reliability: does the model know what it does not know?

Calibration (is it right as often as it says), answers with a promise (conformal sets and intervals), inputs that are
like nothing in training, and whether the judged data still look like those of the training.
"""

from typing import Any

import numpy as np
import pandas as pd
import torch

from deepglass.audit import FEWEST, TOO_FEW, Curve, NotSuited, Section, Settings, Table
from deepglass.audit.corrupted import chosen, kind_of
from deepglass.audit.familiarity import inside, torn_apart
from deepglass.audit.subject import Subject
from deepglass.core.errors import DeepglassError
from deepglass.evaluate import calibration, conformal, two_samples, unfamiliar
from deepglass.evaluate.intervals import wilson
from deepglass.evaluate.scores import number
from deepglass.evaluate.temperature import fit_temperature, is_inside, tempered
from deepglass.runs import conformity
from deepglass.tasks import Outputs

TITLE = "Reliability"
QUESTION = "Does the model know what it does not know?"
ANSWERS = ("classification", "regression", "forecasting")
INPUTS = None
USES = ("group_columns", "seed", "rows")

COVERAGE = 0.9
MOST_ROWS = 2_000  # that are looked at inside the network, of each side
SURE = 0.01  # p-values, after correction, below which a column has drifted
POOR = 0.05  # calibration errors from which on a warning is worth it
BLIND = 0.6  # AUROC: hardly better than a coin
MOST_GROUPS = 20


def audit(subject: Subject, settings: Settings) -> Section:
    """Each of the four questions, as far as the run can answer it.

    Raises:
        NotSuited: If none of them has a meaning.
    """
    section = Section("reliability", TITLE)
    leads: list[str] = []
    if subject.answer == "classification":
        leads.append(_calibration(subject, settings, section))
    if subject.task.answers_with_coverage:
        leads.append(_coverage(subject, settings, section))
    elif subject.task.own_coverage is not None:
        leads.append(_own_coverage(subject, section))
    if why := subject.knows_training():
        section.sentences.append(f"Unfamiliar inputs and drift were not looked at: {why}.")
    elif subject.task.own_coverage is None:
        _familiarity(subject, settings, section)
        _drift(subject, settings, section)
    leads = [lead for lead in leads if lead]
    if not leads and not section.numbers:
        raise NotSuited("nothing about the certainty of its answers can be measured")
    return Section(**{**vars(section), "lead": "; ".join(leads)})


# -- calibration ----------------------------------------------------------------------------------------------------


def _calibration(subject: Subject, settings: Settings, section: Section) -> str:
    """ECE with its interval, before and after a temperature from the validation part."""
    outputs = subject.outputs
    probs, targets = outputs.predictions, outputs.targets
    found = calibration.error_with_interval(probs, targets, seed=settings.seed)  # type: ignore[arg-type]
    section.numbers["calibration_error"] = found | {"count": len(probs)}
    bins = calibration.reliability(probs, targets)  # type: ignore[arg-type]
    lines = {"as it answers": _points(bins)}
    section.method.append(
        "Calibration error: 15 bins of equal width, less what chance adds (Kumar et al. 2019), bootstrap interval."
    )
    if not subject.knows_training() and subject.job.prepared.fold is None:
        lines |= _at_its_temperature(subject, section, probs, targets, settings.seed)
    section.curves.append(Curve("Is it as right as it is sure?", "confidence", "right", lines, diagonal=True))
    lean = calibration.lean(bins)
    if (found["low"] or 0.0) > POOR:
        how = "too sure of itself" if lean > 0 else "too modest"
        section.warnings.append(
            f"the model is {how}: its probabilities are off by {_percent(found['value'])}; do not decide by them "
            "without a temperature, or ask for sets with predict --coverage"
        )
    ends = f"{_percent(found['low'])} to {_percent(found['high'])}"
    return f"Probabilities are off by {_percent(found['value'])} on average ({ends})"


def _at_its_temperature(
    subject: Subject, section: Section, probs: Any, targets: Any, seed: int
) -> dict[str, list[tuple[float, ...]]]:
    """What the temperature of the validation examples would make of the calibration; its curve, where there is one."""
    val = subject.outputs_of("val")
    temperature = fit_temperature(val.predictions, val.targets)  # type: ignore[arg-type]
    if not is_inside(temperature):
        section.sentences.append(
            f"All {len(val.predictions):,} validation answers are right, or none says anything: no temperature can be "
            "fitted to them."
        )
        return {}
    cooled = tempered(probs, temperature)
    after = calibration.error_with_interval(cooled, targets, seed=seed)
    section.numbers["temperature"] = {"value": temperature}
    section.numbers["calibration_error_at_temperature"] = after
    section.sentences.append(
        f"A temperature of {temperature:.2f}, fitted on {len(val.predictions):,} validation examples, would make "
        f"the calibration error {_percent(after['value'])} without changing an answer."
    )
    return {"at the temperature of the validation": _points(calibration.reliability(cooled, targets))}


def _points(bins: list[dict[str, Any]]) -> list[tuple[float, ...]]:
    """Confidence against accuracy with Wilson's interval."""
    return [
        (b["confidence"], b["accuracy"], *wilson(round(b["accuracy"] * b["count"]), b["count"]))
        for b in bins
    ]  # fmt: skip


# -- answers with a promise -----------------------------------------------------------------------------------------


def _coverage(subject: Subject, settings: Settings, section: Section) -> str:
    """Of sets and intervals as `predict --coverage` gives them, on the judged rows, and by group."""
    scores = conformity.scores_of(subject.run.folder)
    if scores is None or len(scores) < conformal.fewest(COVERAGE):
        section.sentences.append(
            "The run remembers no scores of validation examples, or too few, so it cannot answer with a coverage."
        )
        return ""
    outputs, limit = subject.outputs, conformal.quantile(scores, COVERAGE)
    is_held, sizes, unit = _held(subject, outputs, limit)
    low, high = conformal.band(len(scores), COVERAGE, len(is_held))
    exact = _exact(subject, outputs, limit)
    share = float(exact.mean())
    ends = wilson(int(is_held.sum()), len(is_held))
    held = float(is_held.mean())
    section.numbers["coverage"] = {"value": held, "low": ends[0], "high": ends[1], "count": len(is_held)}
    section.numbers["coverage_exact"] = {"value": share, "band_low": low, "band_high": high, "asked": COVERAGE}
    section.numbers["size"] = {"value": float(sizes.mean())}
    verdict = "inside" if low <= share <= high else "outside"
    section.sentences.append(
        f"Asked for {_percent(COVERAGE)}, the {'sets' if unit == 'classes' else 'intervals'} hold the truth in "
        f"{_percent(share)}, {verdict} the exact band of {_percent(low)} to {_percent(high)} for {len(scores):,} "
        f"calibration and {len(is_held):,} judged examples; {number(float(sizes.mean()))} {unit} wide on average."
    )
    if unit == "classes" and held > share:
        section.sentences.append(
            f"`predict` always gives the likeliest class, never an empty set, and so holds {_percent(held)}."
        )
    if verdict == "outside":
        section.warnings.append(
            f"sets and intervals hold {_percent(share)} instead of {_percent(COVERAGE)}: the judged data are unlike "
            "those of the validation; look at the drift below"
        )
    section.tables.extend(_by_group(subject, settings, outputs, is_held, sizes))
    section.method.append(
        f"Conformal answers: scores of {len(scores):,} validation examples kept in the run "
        f"({'RAPS, randomised' if unit == 'classes' else 'absolute errors'}), limit {number(limit)}."
    )
    return f"sets that ask for {_percent(COVERAGE)} hold {_percent(share)}" if unit == "classes" else (
        f"Intervals that ask for {_percent(COVERAGE)} hold {_percent(share)}"
    )  # fmt: skip


def _held(subject: Subject, outputs: Outputs, limit: float) -> tuple[np.ndarray, np.ndarray, str]:
    """(N,) whether each answer of `predict` holds its truth, and how large it is; the unit of the size."""
    if subject.answer == "classification":
        sets = conformal.class_sets(outputs.predictions, limit)
        return sets[np.arange(len(sets)), outputs.targets], sets.sum(axis=1), "classes"
    is_held = conformal.value_scores(outputs.predictions, outputs.targets) <= limit  # type: ignore[arg-type]
    return is_held, np.full(len(is_held), 2 * limit), f"of {subject.task.score_unit}"


def _exact(subject: Subject, outputs: Outputs, limit: float) -> np.ndarray:
    """(N,) the same where a set may be empty, of which the theorem speaks."""
    return subject.task.conformity(outputs) <= limit


def _by_group(
    subject: Subject, settings: Settings, outputs: Outputs, is_held: np.ndarray, sizes: np.ndarray
) -> list[Table]:
    """Coverage of each group: of the columns that were named, and of each true class."""
    groups: dict[str, np.ndarray] = {}
    if subject.answer == "classification":
        groups["true class"] = np.array(subject.task.classes)[outputs.targets]  # type: ignore[index]
    if settings.group_columns:
        frame = subject.columns
        groups |= {name: frame[name].astype(str).to_numpy() for name in settings.group_columns if name in frame}
    return [_group_table(name, words, is_held, sizes) for name, words in groups.items()]


def _group_table(name: str, words: np.ndarray, is_held: np.ndarray, sizes: np.ndarray) -> Table:
    rows = []
    values, counts = np.unique(words, return_counts=True)
    for value in values[np.argsort(-counts, kind="stable")][:MOST_GROUPS]:
        own = words == value
        low, high = wilson(int(is_held[own].sum()), int(own.sum()))
        is_enough = own.sum() >= FEWEST
        held = f"{_percent(is_held[own].mean())} ({_percent(low)} to {_percent(high)})" if is_enough else TOO_FEW
        size = number(float(sizes[own].mean()))
        rows.append({name: str(value), "rows": int(own.sum()), "coverage": held, "size": size})
    note = "The promise is one of all rows together; a group may have less."
    return Table(f"Coverage by {name}", rows, note)


def _own_coverage(subject: Subject, section: Section) -> str:
    """Of forecasts, whose intervals are part of every answer."""
    result = subject.task.evaluate(subject.outputs)
    found, asked = result.get("coverage") or {}, subject.task.own_coverage
    if found.get("value") is None:
        section.sentences.append("The forecasts have no intervals: too little of the validation part is known.")
        return ""
    section.numbers["coverage"] = found | {"asked": asked}
    return f"Intervals that ask for {_percent(asked)} hold {_percent(found['value'])} of the truths"


# -- unfamiliar inputs, drift ---------------------------------------------------------------------------------------


def _familiarity(subject: Subject, settings: Settings, section: Section) -> None:
    """How well scores tell the judged inputs from such that are torn apart."""
    has_classes = subject.answer == "classification"
    known, _ = _inputs(subject, "train", settings)
    judged, _ = _inputs(subject, None, settings)
    strange = torn_apart(judged, settings.seed)
    model = subject.model
    inner = {name: inside(model, x, has_classes) for name, x in (("then", known), ("now", judged), ("torn", strange))}
    groups = _targets(subject, settings) if has_classes else np.zeros(len(inner["then"].hidden), int)
    far = unfamiliar.Mahalanobis.fit(inner["then"].hidden, groups)
    found = {"Mahalanobis": unfamiliar.auroc(far(inner["now"].hidden), far(inner["torn"].hidden))}
    if has_classes:
        for name, score in (("energy", unfamiliar.energy), ("confidence", unfamiliar.confidence)):
            found[name] = unfamiliar.auroc(score(inner["now"].logits), score(inner["torn"].logits))  # type: ignore[arg-type]
    for name, value in found.items():
        section.numbers[f"unfamiliar_{name.lower()}"] = {"value": value, "count": len(judged[0])}
    best = max(found, key=found.__getitem__)
    each = ", ".join(f"{name} {value:.2f}" for name, value in found.items())
    section.sentences.append(
        f"Inputs whose columns, pixels or words come from different examples are told from real ones with an AUROC of "
        f"{found[best]:.2f} by {best} ({each}; 0.5 is a coin)."
    )
    if found[best] < BLIND:
        section.warnings.append("the model does not notice inputs that make no sense: check them before it is asked")
    _told_apart(inner["then"].hidden, inner["now"].hidden, settings, section)


def _inputs(subject: Subject, part: str | None, settings: Settings) -> tuple[tuple[torch.Tensor, ...], torch.Tensor]:
    """Of some examples of the training, or of the judged ones; and their targets."""
    examples = subject.examples if part is None else subject.part(part)
    rows = chosen(examples, min(MOST_ROWS, settings.rows or MOST_ROWS), settings.seed)
    *inputs, targets = examples.batch(rows)
    return tuple(x.contiguous() for x in inputs), targets


def _targets(subject: Subject, settings: Settings) -> np.ndarray:
    return _inputs(subject, "train", settings)[1].cpu().numpy()


def _told_apart(then: np.ndarray, now: np.ndarray, settings: Settings, section: Section) -> None:
    """Whether a classifier sees a difference in what the network sees."""
    found = two_samples.told_apart(then, now, settings.seed)
    if found is None:
        return
    section.numbers["told_from_training"] = found
    section.sentences.append(
        f"A forest that looks at the last hidden layer tells judged rows from training rows in "
        f"{_percent(found['value'])} of cases (a guess: 50 %)."
    )
    section.method.append("The network has learnt from the training rows, so a small difference there is no drift.")


def _drift(subject: Subject, settings: Settings, section: Section) -> None:
    """Tests of each column of a table."""
    if kind_of(subject.task) != "columns":
        return
    try:
        then, now = subject.columns_of("train"), subject.columns
    except (NotSuited, DeepglassError):
        return
    found = {}
    for name in subject.task.preprocessor.columns:
        sides = [_values(frame[name]) for frame in (then, now)]
        is_number = all(side.dtype.kind == "f" for side in sides)
        test = two_samples.numbers_differ if is_number else two_samples.categories_differ
        found[name] = test(*sides)
    tests = two_samples.corrected(found)
    moved = [test for test in tests if test.p < SURE]
    section.numbers["drifted_columns"] = {"value": float(len(moved)), "count": len(tests)}
    rows = [{"column": test.name, "effect": f"{test.effect:.3f}", "p (Holm)": f"{test.p:.3g}"} for test in tests]
    note = "Kolmogorov-Smirnov D of numbers, total variation of words; 0 is no difference."
    section.tables.append(Table("Drift from the training rows", rows, note))
    if moved:
        names = ", ".join(test.name for test in moved[:5])
        section.warnings.append(
            f"{len(moved)} of {len(tests)} columns differ from the training ({names}): its figures may not hold here; "
            "train again with newer rows"
        )


def _values(column: pd.Series) -> np.ndarray:
    """Numbers and dates as floats, NaN where empty; all else as words."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return np.where(column.isna(), np.nan, column.astype("int64").to_numpy(dtype=float))
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return column.to_numpy(dtype=float, na_value=np.nan)
    return column.astype(object).where(column.notna(), "").astype(str).to_numpy(dtype=object)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"
