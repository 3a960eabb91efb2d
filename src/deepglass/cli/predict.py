"""`deepglass predict RUN INPUT…`: answers for new data, as CSV or JSON."""

import csv
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli._common import RunArgument
from deepglass.core import files
from deepglass.core.console import console

NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    inputs: Annotated[
        list[str], typer.Argument(help="Files, folders or texts; - reads standard input.", metavar="INPUT…")
    ],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead.")] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of CSV.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
) -> None:
    """Predict with a trained model: files, folders, tables, or standard input."""
    console.narrates_on_stderr = True
    from deepglass.api.run import load
    from deepglass.cli._standard_input import named_file

    trained = load(run, device)
    answers = []
    for source in inputs:
        with named_file(source, trained.task.plain_text) as path:
            answers += trained.predict(path)
    content = as_json(answers) if json else as_csv(answers)
    if output:
        files.write_text(output, content)
        console.say(f"wrote {len(answers):,} predictions to {output}")
    else:
        sys.stdout.write(content)


def as_csv(records: list[dict[str, Any]]) -> str:
    """Records as CSV, a column for every key that occurs."""
    import io

    columns = list(dict.fromkeys(key for record in records for key in record))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def as_json(records: list[dict[str, Any]]) -> str:
    """Records as a JSON list."""
    import json

    return json.dumps(records, indent=2, ensure_ascii=False, default=str) + "\n"
