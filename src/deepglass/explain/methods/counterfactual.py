"""Counterfactual: what would have to be different for another answer?

Columns take values that the training has seen (its deciles, its frequent words); words and squares are hidden. The
change that brings the score furthest is made first, until the answer flips; then every change that is not needed is
taken back, and numbers move back towards what they were as far as the answer allows. So few parts change, they stay
inside the data, and that the answer flips is checked and not assumed.

Wachter, Mittelstadt & Russell (2017), Counterfactual Explanations without Opening the Black Box,
https://arxiv.org/abs/1711.00399; few changes, greedily: Mothilal, Sharma & Tan (2020), DiCE,
https://arxiv.org/abs/1905.07697.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.explain import Explanation, Settings
from deepglass.explain.inputs.columns import candidates
from deepglass.explain.subject import Subject

TITLE = "counterfactual"
KINDS = ("columns", "image", "text")
USES = ("want",)  # of the settings
HALVINGS = 12  # of the way back of a number
DIGITS = range(2, 8)
MOST_CHANGES = 6

Margin = Callable[[list[dict[str, Any]]], np.ndarray]  # changes by part → (n,) margins; above 0 the answer is flipped


def search(margin: Margin, choices: dict[str, list[Any]], most: int = MOST_CHANGES) -> dict[str, Any] | None:
    """Few changes, by part, that flip the answer; None where so many do not.

    Args:
        margin: Of several sets of changes at once.
        choices: By part the values that it may take.
        most: Changes.
    """
    made: dict[str, Any] = {}
    for _ in range(min(most, len(choices))):
        tries = [made | {name: value} for name, values in choices.items() if name not in made for value in values]
        if not tries:
            return None
        margins = margin(tries)
        made = tries[int(margins.argmax())]
        if margins.max() > 0:
            return _without_idle(margin, made)
    return None


def _without_idle(margin: Margin, made: dict[str, Any]) -> dict[str, Any]:
    """Take back what the flip does not need, the first changes first."""
    for name in list(made):
        fewer = {other: value for other, value in made.items() if other != name}
        if fewer and margin([fewer])[0] > 0:
            made = fewer
    return made


def nearest(margin: Margin, made: dict[str, Any], was: dict[str, Any], is_whole: set[str]) -> dict[str, Any]:
    """Numbers moved back towards what they were, as long as the answer stays flipped; whole numbers stay whole."""
    for name, value in made.items():
        if not (_is_number(value) and _is_number(was.get(name))):
            continue
        good, bad = float(value), float(was[name])
        for _ in range(HALVINGS):
            middle = (good + bad) / 2
            middle = float(round(middle)) if name in is_whole else middle
            if middle in (good, bad):
                break
            good, bad = (middle, bad) if margin([made | {name: middle}])[0] > 0 else (good, middle)
        made = made | {name: int(good) if name in is_whole else _rounded(margin, made, name, good, float(value))}
    return made


def _rounded(margin: Margin, made: dict[str, Any], name: str, good: float, far: float) -> float:
    """The number with the fewest digits that flips the answer too and lies between what flips it and a seen value."""
    for digits in DIGITS:
        short = float(f"{good:.{digits}g}")
        if min(good, far) <= short <= max(good, far) and margin([made | {name: short}])[0] > 0:
            return short
    return good


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value)


def explain(subject: Subject, settings: Settings) -> Explanation:
    """The changes that flip the answer.

    Raises:
        OptionError: If the answer is not one of several classes, or the class that is wanted is not among them.
    """
    names = subject.task.score_names
    if not subject.task.scores_are_odds or len(names) < 2:
        raise OptionError("--method counterfactual flips an answer to another class, and this run answers numbers")
    if subject.task.answer.num_classes is None:
        raise OptionError(
            "--method counterfactual: labels do not exclude each other, so no answer flips to another one"
        )
    before = subject.scores_of(subject.parts.inputs)[0]
    first = int(before.argmax())
    wanted = _wanted(names, settings.want, before)
    if wanted == first:
        raise OptionError(f"--want {names[wanted]}: that is the answer already; name another class")

    def margin(tries: list[dict[str, Any]]) -> np.ndarray:
        scores = subject.scores_of(_changed(subject, tries))
        others = np.delete(scores, wanted, axis=1).max(axis=1)
        return scores[:, wanted] - others

    record = dict(zip(subject.parts.names, subject.parts.cells, strict=True))
    is_table = subject.parts.kind == "columns"
    numbered = {f"{i}": [False] for i in range(len(subject.parts))}
    choices, is_whole = candidates(subject.task, record) if is_table else (numbered, set())
    found = search(margin, choices)
    if found is None:
        note = f"no change of up to {MOST_CHANGES} {subject.parts.kind} makes it {names[wanted]}"
        return subject.bare("counterfactual", TITLE, notes=[note], figures={"evaluations": subject.asked})
    found = nearest(margin, found, record, is_whole) if is_table else found
    after = subject.scores_of(_changed(subject, [found]))[0]
    parts = [
        {"name": name, "value": record[name], "becomes": value} if is_table
        else {"name": subject.parts.names[int(name)], "value": "", "becomes": "hidden"}
        for name, value in found.items()
    ]  # fmt: skip
    figures = {"evaluations": subject.asked, "changes": len(parts), "flips": bool(after.argmax() == wanted)}
    figures |= {f"p({names[i]}) {when}": float(p[i]) for i in (first, wanted) for when, p in _times(before, after)}
    about = f"{names[first]} → {names[wanted]}"
    return subject.bare("counterfactual", TITLE, parts=parts, figures=figures, about=about)


def _times(before: np.ndarray, after: np.ndarray) -> list[tuple[str, np.ndarray]]:
    return [("before", before), ("after", after)]


def _wanted(names: list[str], asked: str | None, scores: np.ndarray) -> int:
    """The position of the class to reach; the second likely where none is named."""
    if asked is None:
        return int(np.argsort(-scores)[1])
    if asked not in names:
        raise OptionError("--want: " + catalogue.unknown("class", asked, list(names)))
    return names.index(asked)


def _changed(subject: Subject, tries: list[dict[str, Any]]) -> tuple[Any, ...]:
    """Inputs (n, …) of the example with each set of changes."""
    if subject.parts.kind == "columns":
        return subject.parts.with_cells(tries)  # type: ignore[attr-defined]
    present = np.ones((len(tries), len(subject.parts)), bool)
    for row, changes in zip(present, tries, strict=True):
        row[[int(name) for name in changes]] = False
    return subject.parts.hidden(present)
