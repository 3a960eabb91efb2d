"""`run.explain`: choose the example, what is explained and the method, and ask it.

RUN, INPUT ── rows ── example, class ── parts ── method (guessed by the kind of input, and said) ── Explanation
"""

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

import numpy as np

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.explain import FOLDER, Explanation, Settings, bases, quality
from deepglass.explain import inputs as kinds
from deepglass.explain.rows import Rows, learns_from_rows, new_rows, own_rows
from deepglass.explain.subject import Subject

USUAL = Settings()


def methods() -> list[str]:
    """As on the command line; the folder is the list."""
    return [name.replace("_", "-") for name in catalogue.entries(FOLDER)]


def methods_for(kind: str) -> list[str]:
    """Those that explain a kind of input."""
    return [name for name in methods() if kind in catalogue.constant(FOLDER, name.replace("-", "_"), "KINDS")]


def explain(
    run: Any,
    inputs: Any = None,
    *,
    method: str | None = None,
    row: int | None = None,
    about: str | None = None,
    data: Any = None,
    settings: Settings = USUAL,
    measures: bool = True,
) -> tuple[Explanation, list[Guess]]:
    """Explain an answer of a run, or the whole run; also what was guessed.

    Args:
        run: A trained model.
        inputs: As for `predict`; the test examples of the training by default.
        method: By name; guessed from the kind of input by default.
        row: Which of the examples, from 1.
        about: The class, label, or step ahead; what the run answers by default.
        data: Where the data of the training are now, if not where they were.
        settings: Of the method.
        measures: Whether its quality is measured too, which costs more than most methods.

    Raises:
        OptionError: If method, row, class or a setting do not fit; says what would.
        DataError: If the input does not fit what the run was trained on.
    """
    kind = _kind_of(run)
    Parts, is_alone = catalogue.load(kinds.FOLDER, kind).Parts, row is not None or inputs is not None
    chosen = _checked(method, kind) if method else None if is_alone else _file(Parts.usual_method(0, False)[0])
    is_whole = chosen is not None and _explains(chosen) == "model"
    if is_whole and not is_alone and data is None and run.folder.has("importance.json"):
        rows = Parts.typical_rows(run.task)  # the run remembers what is asked: its data may have gone
    else:
        rows = rows_of(run, inputs, data)
    guesses = list(rows.guesses)
    place = _row_of(rows, row, chosen, guesses)
    parts = Parts.of(run.task, rows.inputs([place]), rows.shown(place))
    if settings.base is not None and not is_whole:
        parts, found_of_base = bases.on(parts, settings.base, rows, place, run, lambda path: rows_of(run, path))
        guesses += found_of_base
    subject = Subject(run, parts, 0, rows, place, data)
    if not is_whole:
        subject.place = _place_of(run.task, subject, about, guesses)
    elif about is not None:
        raise OptionError("--class: what the columns are worth to the whole model is about all classes: leave it out")
    if method is None:
        name, why = Parts.usual_method(len(parts), is_alone)
        guesses.append(Guess("method", name, why, "--method"))
        chosen = _file(name)
    assert chosen is not None
    _require_used(chosen, settings, kind, measures)
    found = catalogue.load(FOLDER, chosen).explain(subject, settings)
    return (replace(found, quality=quality.of(subject, found, settings)) if measures else found), guesses


def _file(method: str) -> str:
    return method.replace("-", "_")


def _explains(file: str) -> str:
    """One example, all rows or the whole model."""
    return catalogue.constant(FOLDER, file, "EXPLAINS", "example")


def _require_used(file: str, settings: Settings, kind: str, measures: bool) -> None:
    """Raises OptionError for a setting that could change nothing."""
    used = catalogue.constant(FOLDER, file, "USES")
    if settings.against is not None and "against" not in used and _explains(file) == "example":
        _checked(settings.against, kind, "--against")
        if not measures:
            raise OptionError("--against compares two methods, which is part of the quality: leave --no-quality out")
        used = (*used, "against")
    for own in fields(Settings):
        if getattr(settings, own.name) != own.default and own.name not in used:
            able = [name for name in methods() if own.name in catalogue.constant(FOLDER, _file(name), "USES")]
            raise OptionError(
                f"--{own.name}: --method {file.replace('_', '-')} does not use it: leave it out, or use one of "
                f"{', '.join(able)}"
            )


def _row_of(rows: Rows, row: int | None, chosen: str | None, guesses: list[Guess]) -> int:
    """The position of the example. Raises OptionError if there is none."""
    if chosen is not None and _explains(chosen) != "example":
        if row is not None:
            raise OptionError(
                f"--row: --method {chosen.replace('_', '-')} looks at all rows together: leave it out, or choose "
                "another --method"
            )
        return 0
    if row is None and len(rows) > 1:
        guesses.append(Guess("row", 1, f"the first of {len(rows):,}", "--row"))
    return rows.require(1 if row is None else row)


def settings_of(given: dict[str, Any]) -> Settings:
    """What was asked of a method.

    Raises:
        OptionError: If a name is unknown, or a number is too small.
    """
    known = [field.name for field in fields(Settings)]
    for name in given:
        if name not in known:
            raise OptionError(catalogue.unknown("option", name, known))
    for name in ("samples", "count"):
        if given.get(name) is not None and given[name] < 1:
            raise OptionError(f"--{name}: expected 1 or more, got {given[name]}")
    return Settings(**{name: value for name, value in given.items() if value is not None})


def _kind_of(run: Any) -> str:
    """Raises OptionError if nothing of the run can be explained."""
    kind = run.task.explained_as
    if kind is None or kind not in catalogue.entries(kinds.FOLDER):
        known = ", ".join(catalogue.entries(kinds.FOLDER))
        raise OptionError(
            f"{run.path} was trained for {run.task.name}, and there is no explanation of such answers: expected a run "
            f"on one of {known}"
        )
    return kind


def _checked(method: str, kind: str, option: str = "--method") -> str:
    """The file of a method. Raises OptionError if there is none, or it is for inputs of another kind."""
    if method.replace("_", "-") not in methods():
        raise OptionError(f"{option}: " + catalogue.unknown("method", method, methods()))
    file = _file(method)
    able = catalogue.constant(FOLDER, file, "KINDS")
    if kind not in able:
        raise OptionError(
            f"{option} {method} explains {_listed(able)}, and this run reads {kind}: choose one of "
            f"{', '.join(methods_for(kind))}"
        )
    return file


def _listed(names: Iterable[str]) -> str:
    return " and ".join(names)


def rows_of(run: Any, inputs: Any, data: Any = None) -> Rows:
    """The examples of an input; those of the test of the training where there is none.

    Raises:
        DataError: If they do not fit the run, or the data of the training have gone.
    """
    if inputs is None:
        return own_rows(run, data)
    return new_rows(run, inputs) if learns_from_rows(run.task) else _sequence_rows(run, inputs)


def _sequence_rows(run: Any, inputs: Any) -> Rows:
    """Of tasks that read the end of a sequence: a past or a prompt."""
    if hasattr(run.task, "prompt_examples"):
        return Rows(run.task.prompt_examples(inputs), lambda row: {}, "the prompt", [])
    return new_rows(run, inputs)


def _place_of(task: Any, subject: Subject, about: str | None, guesses: list[Guess]) -> int:
    """The position in `score_names`. Raises OptionError if there is no such class."""
    names = [str(name) for name in task.score_names]
    if about is not None:
        if str(about) not in names:
            raise OptionError("--class: " + catalogue.unknown("class", str(about), names[:50]))
        return names.index(str(about))
    if len(names) == 1:
        return 0
    scores = subject.scores_of(subject.parts.inputs)[0]
    place = int(np.argmax(scores)) if task.scores_are_odds else 0
    why = "what the run answers" if task.scores_are_odds else "the first"
    guesses.append(Guess("class", names[place], why, "--class"))
    return place
