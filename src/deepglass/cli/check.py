"""`deepglass check DATA`: what is in the data before anything is learnt from it."""

from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, set_mode
from deepglass.core.console import console

NEEDS_ARGUMENTS = True

COLUMN_FACTS = ("name", "kind", "missing", "distinct", "minimum", "maximum")


def command(
    data: Annotated[str, typer.Argument(help="A file, a folder, or a bundled name.", metavar="DATA")],
    target: Annotated[str | None, typer.Option(help="The column to predict.")] = None,
    missing: Annotated[str | None, typer.Option(help="Further marks of a missing value, separated by commas.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="Between two cells.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the file.")] = None,
    json: JsonOption = False,
) -> None:
    """Look at data: types, missing values, duplicates, leakage suspects, class balance."""
    set_mode(quiet=False, as_json=json)
    from deepglass.data.check import inspect
    from deepglass.data.config import DataConfig
    from deepglass.data.reading.file_column import KINDS
    from deepglass.data.reading.source import read

    config = DataConfig(target=target, missing=missing, delimiter=delimiter, encoding=encoding)
    findings = inspect(read(data, config, follow=tuple(KINDS)), config)
    show(data, findings.as_dict())
    console.result(findings.as_dict())


def show(data: str, found: dict[str, Any]) -> None:
    """Findings as tables and sentences."""
    size = ", ".join(f"{count:,} {what}" for what, count in found["size"].items())
    console.heading(f"{data}: {found['kind']}, {size}")
    for guess in found["guesses"]:
        console.say(f"  guessed {guess}", style="dim")
    if found["columns"]:
        console.table(COLUMN_FACTS, [[column.get(name) for name in COLUMN_FACTS] for column in found["columns"]])
    for title in ("splits", "classes", "lengths", "series"):
        if found[title]:
            console.table((title, ""), list(found[title].items()))
    for title, counts in found["images"].items():
        console.table((title, "" if title == "found" else "pictures"), list(counts.items()))
    for suspect in found["leakage"]:
        console.say("  leakage suspect: " + ", ".join(f"{name} {value}" for name, value in suspect.items()))
    for warning in found["warnings"]:
        console.warn(warning)
    if not found["warnings"]:
        console.say("  nothing to worry about was found")
