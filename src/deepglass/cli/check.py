"""`deepglass check DATA`: what is in the data before anything is learnt from it.

The options of reading are those of `deepglass train`.
"""

from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, set_mode
from deepglass.cli._grown import Group, with_settings
from deepglass.core import effects
from deepglass.core.console import console
from deepglass.runs import options as space

GROUP = "train"
NEEDS_ARGUMENTS = True

COLUMN_FACTS = ("name", "kind", "missing", "distinct", "minimum", "maximum")


def run_check(
    data: Annotated[str, typer.Argument(help="A file, a folder, or a bundled name.", metavar="DATA")],
    json: JsonOption = False,
    **options: Any,
) -> None:
    """Look at data: types, missing values, duplicates, leakage suspects, class balance."""
    set_mode(quiet=False, as_json=json)
    from deepglass.data.check import inspect
    from deepglass.data.containers import Layout
    from deepglass.data.reading.file_column import KINDS
    from deepglass.data.reading.source import guess_task, read
    from deepglass.runs.asked import Asked, unused_in_data

    config = space.data_config(options)
    with effects.options_used() as used:
        found = read(data, config, follow=tuple(KINDS))
        findings = inspect(found, config)
    if findings.task or not isinstance(found, Layout):
        task = findings.task or guess_task(found, config)[0]
        effects.refuse(unused_in_data(Asked(options), used, task, data))
    show(data, findings.as_dict())
    console.result(findings.as_dict())


MOST_SHOWN = 500  # columns of a table that anybody reads on a terminal


def show(data: str, found: dict[str, Any]) -> None:
    """Findings as tables and sentences."""
    size = ", ".join(f"{count:,} {what}" for what, count in found["size"].items())
    console.heading(f"{data}: {found['kind']}, {size}")
    for guess in found["guesses"]:
        console.say(f"  guessed {guess}", style="dim")
    if found["columns"]:
        shown = found["columns"][:MOST_SHOWN]
        console.table(COLUMN_FACTS, [[column.get(name) for name in COLUMN_FACTS] for column in shown])
        if more := len(found["columns"]) - len(shown):
            console.say(f"  and {more:,} columns more: see all with --json")
    for title in ("splits", "classes", "lengths", "series", "span"):
        if found[title]:
            console.table((title, ""), list(found[title].items()))
    for title, counts in found["images"].items():
        console.table((title, "" if title == "found" else "pictures"), list(counts.items()))
    for warning in found["warnings"]:
        console.warn(warning)
    if not found["warnings"]:
        console.say("  nothing to worry about was found")


OF_TRAINING = (
    "group_column",
    "score_by",
    "val_fraction",
    "test_fraction",
    "classes",
    "rare_classes",
)  # nothing is divided here
READING = [setting for setting in space.DATA_SETTINGS if setting.name not in OF_TRAINING]
command = with_settings(run_check, [Group(READING, "Reading")])
