"""`run.audit`: ask every part that suits a run, and say of the others why they do not.

RUN, DATA ── Subject ── parts/fairness, privacy, reliability, robustness ── Sections ── audit.json, audit.html, the card
"""

import time
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from deepglass.audit import FOLDER, NotSuited, Section, Settings
from deepglass.audit.subject import Subject
from deepglass.core import catalogue
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess

USUAL = Settings()


def parts() -> list[str]:
    """As on the command line; the folder is the list."""
    return [name.replace("_", "-") for name in catalogue.entries(FOLDER)]


def audit(
    run: Any,
    other: Any = None,
    *,
    only: Iterable[str] | None = None,
    data: Any = None,
    settings: Settings = USUAL,
) -> tuple[list[Section], list[Guess]]:
    """One section per part, and what was guessed.

    Args:
        run: A trained model.
        other: Other labelled data to audit on; the test examples of the training by default.
        only: Parts; all by default.
        data: Where the data of the training are now, if not where they were.
        settings: Of the parts.

    Raises:
        OptionError: If a part is unknown, or a setting has no effect on any that are asked for.
        DataError: If the data of the training have gone, and a part that was asked for by name needs them.
    """
    chosen = [_checked(part) for part in only] if only is not None else catalogue.entries(FOLDER)
    _require_used(chosen, settings)
    subject, sections = Subject(run, other, data), []
    for part in chosen:
        console.say(f"  {catalogue.constant(FOLDER, part, 'TITLE')} …", style="dim")
        started = time.monotonic()
        found = _asked(part, subject, settings)
        sections.append(replace(found, seconds=round(time.monotonic() - started, 2)))
    return sections, subject.guesses


def settings_of(given: dict[str, Any]) -> Settings:
    """What was asked of the parts; `group_columns` may be a text with commas.

    Raises:
        OptionError: If a name is unknown, or a number is too small.
    """
    known = [field.name for field in fields(Settings)]
    given = {name: value for name, value in given.items() if value is not None}
    for name in given:
        if name not in known:
            raise OptionError(catalogue.unknown("option", name, known))
    for name, least in (("rows", 1), ("budget", 1), ("seed", 0)):
        if name in given and given[name] < least:
            raise OptionError(f"--{name}: expected {least} or more, got {given[name]}")
    names = given.get("group_columns")
    if isinstance(names, str):
        given["group_columns"] = [name.strip() for name in names.split(",") if name.strip()]
    return Settings(**given | ({"group_columns": tuple(given["group_columns"])} if names is not None else {}))


def _asked(part: str, subject: Subject, settings: Settings) -> Section:
    title = catalogue.constant(FOLDER, part, "TITLE")
    answers, inputs = (catalogue.constant(FOLDER, part, name) for name in ("ANSWERS", "INPUTS"))
    for expected, came, what in ((answers, subject.answer, "answers"), (inputs, subject.inputs, "inputs")):
        if expected is not None and came not in expected:
            told = f"{what} of the kind {came}" if came else f"its {what}"
            return Section(
                part, title, left_out=f"it is for {what} of the kind {_listed(expected)}, and not for {told}"
            )
    try:
        return catalogue.load(FOLDER, part).audit(subject, settings)
    except NotSuited as why:
        return Section(part, title, left_out=str(why))


def _checked(part: str) -> str:
    """The file of a part. Raises OptionError if there is none."""
    if part.replace("_", "-") not in parts():
        raise OptionError("--only: " + catalogue.unknown("part", part, parts()))
    return part.replace("-", "_")


def _require_used(chosen: list[str], settings: Settings) -> None:
    """Raises OptionError for a setting that could change nothing."""
    for own in fields(Settings):
        if getattr(settings, own.name) == own.default:
            continue
        able = [part for part in catalogue.entries(FOLDER) if own.name in catalogue.constant(FOLDER, part, "USES")]
        if not set(able) & set(chosen):
            option = "--" + own.name.replace("_", "-").removesuffix("s" if own.name == "group_columns" else "")
            raise OptionError(
                f"{option}: {_listed(chosen)} {'does' if len(chosen) == 1 else 'do'} not use it: leave it out"
                + (f", or add --only {able[0]}" if able else "")
            )


def _listed(names: Iterable[str]) -> str:
    *others, last = [name.replace("_", " ") for name in names]
    return f"{', '.join(others)} or {last}" if others else last
