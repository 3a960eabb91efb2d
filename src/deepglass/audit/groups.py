"""Who is asked about: columns whose values make groups, whether the model sees them or not, and their intersections."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from deepglass.audit import NotSuited, Settings
from deepglass.audit.subject import Subject
from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.evaluate import groups
from deepglass.evaluate.card import people_columns
from deepglass.runs.again import own_job

MOST_GUESSED = 3  # columns that are looked at unasked
AND, AND_BY = " and ", " × "  # between groups, and between their columns


def columns_to_ask(subject: Subject, settings: Settings) -> list[str]:
    """The columns named, or else that of `--score-by`, or those whose names describe people.

    Raises:
        NotSuited: If none is named, and no name describes people.
    """
    if settings.group_columns:
        return list(dict.fromkeys(settings.group_columns))
    data = subject.run.config.get("data") or {}
    if column := data.get("score_by"):
        subject.guesses.append(Guess("groups", column, "--score-by named it in training", "--group-column"))
        return [column]
    task = subject.task
    answers = set(task.answer.columns) if hasattr(task, "answer") else set()
    found = [name for name in people_columns({"name": "", **dict.fromkeys(map(str, subject.columns))}) if name]
    found = [name for name in found if name in subject.columns and name not in answers][:MOST_GUESSED]
    if not found:
        raise NotSuited(
            "no column is named whose values make groups, and no name describes people: give --group-column"
        )
    subject.guesses.append(Guess("groups", ", ".join(found), "their names describe people", "--group-column"))
    return found


def groups_by(subject: Subject, settings: Settings) -> dict[str, np.ndarray]:
    """Column → (N,) the group of each judged row in words; of several columns also their intersections, two by two.

    Raises:
        OptionError: If a column is absent; suggests the nearest.
        NotSuited: If the rows have no columns, or none is named.
    """
    names = columns_to_ask(subject, settings)
    found = {name: groups.names_of(column_of(subject, name)) for name in names}
    for one, other in combinations(names, 2):
        pairs = pd.Series(found[one]) + AND + pd.Series(found[other])
        found[f"{one}{AND_BY}{other}"] = pairs.to_numpy(str)
    return found


def column_of(subject: Subject, name: str) -> pd.Series:
    """A column of the judged rows; one that `--ignore` kept from the model is read anew.

    Raises:
        OptionError: If there is none; suggests the nearest.
        NotSuited: If the rows have no columns.
    """
    frame = subject.columns
    if name in frame.columns:
        return frame[name].reset_index(drop=True)  # type: ignore[return-value]
    ignored = (subject.run.config.get("data") or {}).get("ignore") or ""
    if subject.other is None and name in [part.strip() for part in ignored.split(",")]:
        job = own_job(subject.run, subject.data, options={"score_by": name})
        if (aside := getattr(job.data, "aside", None)) is not None:
            return aside.iloc[job.prepared.ids["test"]].reset_index(drop=True)
    raise OptionError("--group-column: " + catalogue.unknown("column", name, [str(c) for c in frame.columns]))


def positive_class(subject: Subject, settings: Settings) -> int | None:
    """Which class is the good outcome: the one named, of two the rarer; None of more, or where there are no classes.

    Raises:
        OptionError: If there is no such class.
    """
    classes: list[Any] = getattr(subject.task, "classes", None) or []
    if settings.positive is not None:
        if settings.positive not in classes:
            raise OptionError("--positive: " + catalogue.unknown("class", settings.positive, classes[:50]))
        return classes.index(settings.positive)
    if len(classes) != 2:
        return None
    place = int(np.argmin(np.bincount(subject.outputs.targets, minlength=2)))  # type: ignore[arg-type]
    subject.guesses.append(Guess("positive", classes[place], "the rarer of two", "--positive"))
    return place
