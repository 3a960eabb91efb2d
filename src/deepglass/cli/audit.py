"""`deepglass audit RUN [DATA]`: is it fair, private, robust and reliable? Measured, with intervals."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core import catalogue
from deepglass.core.console import console

GROUP = "understand"
NEEDS_ARGUMENTS = True

PARTS = ", ".join(name.replace("_", "-") for name in catalogue.entries("audit/parts"))


def command(
    run: RunArgument,
    other: Annotated[
        str | None,
        typer.Argument(help="Other labelled data; the test examples of the training by default.", metavar="DATA"),
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help=f"{PARTS}; all by default, may be repeated.")] = None,
    group_column: Annotated[
        list[str] | None,
        typer.Option(help="Whose values make groups; may be repeated, and be a column that the model does not see."),
    ] = None,
    positive: Annotated[str | None, typer.Option(help="Of fairness: the class that is the good outcome.")] = None,
    data: Annotated[str | None, typer.Option(help="Where the data of the training are now, if they moved.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Page to write; RUN/audit.html by default.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of what is drawn; 0 by default.")] = None,
    budget: Annotated[float | None, typer.Option(help="Seconds for each part, about; 60 by default.")] = None,
    rows: Annotated[int | None, typer.Option(help="Most rows that an expensive measurement looks at.")] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Audit a run: fairness, privacy, robustness, reliability; a page and the model card show what was found."""
    set_mode(quiet, json)
    from deepglass.api.run import load
    from deepglass.audit.page import PAGE, record

    asked: dict[str, Any] = {"group_columns": group_column, "positive": positive, "seed": seed}
    asked |= {"budget": budget, "rows": rows}
    sections = load(run, "cpu").audit(other, only=only, data=data, out=out, **asked)
    for section in sections:
        say(section)
    console.say(f"  wrote {out or run / PAGE}")
    console.result({"parts": {section.part: record(section) for section in sections}})


def say(section: Any) -> None:
    """A section as text."""
    from deepglass.audit.page import lines_of, table_of

    console.heading(section.title)
    if section.left_out:
        console.say(f"  not measured: {section.left_out}")
        return
    for line in lines_of(section):
        console.say(f"  {line}")
    for table in section.tables:
        shown = table_of(table, table.most)
        console.table(shown["columns"], shown["rows"], title=table.title)
        if shown["left_out"]:
            console.say(f"  … {shown['left_out']} more on the page")
