"""`deepglass predict RUN INPUT…`: answers for new data, as CSV or JSON."""

import csv
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli._common import RunArgument
from deepglass.core import files
from deepglass.core.console import console

GROUP = "make and act"
NEEDS_ARGUMENTS = True
SEPARATOR = " | "  # of the classes of a set, in CSV


def command(
    run: RunArgument,
    inputs: Annotated[
        list[str], typer.Argument(help="Files, folders or texts; - reads standard input.", metavar="INPUT…")
    ],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead.")] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of CSV.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    unknown: Annotated[
        str, typer.Option(help="Words that training has not learnt: allow answers and says so, refuse refuses.")
    ] = "allow",
    coverage: Annotated[
        float | None,
        typer.Option(help="Such as 0.9: also the classes, or the interval, that hold the truth so often."),
    ] = None,
    keep_formulas: Annotated[
        bool, typer.Option("--keep-formulas", help="In CSV, leave cells that begin with = + - @ as they are.")
    ] = False,
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--pictures",
            help="Write masks, alone and over their pictures, or enlarged pictures, into this folder.",
            metavar="FOLDER",
        ),
    ] = None,
    descriptions: Annotated[
        str | None,
        typer.Option(
            "--descriptions",
            help="Of zero-shot learning: a table of the classes to choose from, new ones too.",
            metavar="TABLE",
        ),
    ] = None,
) -> None:
    """Predict with a trained model: files, folders, tables, or standard input."""
    console.narrates_on_stderr = True
    from deepglass.api.run import load
    from deepglass.cli import _pictures
    from deepglass.cli._standard_input import named_file

    trained = load(run, device)
    answers = []
    for source in inputs:
        with named_file(source, trained.task.plain_text) as path:
            answers += trained.predict(path, unknown, coverage, descriptions)
    if pictures is not None:
        answers = _pictures.written(answers, pictures)
    elif not json:
        answers = _pictures.without(answers)
    content = as_json(answers) if json else as_csv(answers, keep_formulas)
    if output:
        files.write_text(output, content)
        console.say(f"wrote {len(answers):,} predictions to {output}")
    else:
        sys.stdout.write(content)


def as_csv(records: list[dict[str, Any]], keeps_formulas: bool = False) -> str:
    """Records as CSV, a column for every key that occurs; a spreadsheet finds no formula in it, unless asked."""
    import io

    from deepglass.deploy.runtime.formulas import harmless

    columns = list(dict.fromkeys(key for record in records for key in record))
    made = _cell if keeps_formulas else lambda cell: harmless(_cell(cell))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([made(name) for name in columns])
    writer.writerows([[made(record.get(name, "")) for name in columns] for record in records])
    return text.getvalue()


def _cell(value: Any) -> Any:
    """A set of classes as one cell."""
    return SEPARATOR.join(value) if isinstance(value, list) else value


def as_json(records: list[dict[str, Any]]) -> str:
    """Records as a JSON list."""
    import json

    return json.dumps(records, indent=2, ensure_ascii=False, default=str) + "\n"
