"""`deepglass shrink RUN --by METHOD`: make a model smaller and see what it costs.

The options grow from the methods' settings; for a student those of its model are accepted too.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, named, set_mode
from deepglass.cli._grown import Group, with_settings
from deepglass.core import catalogue, settings
from deepglass.core.console import console
from deepglass.zoo import architectures

GROUP = "ship"
NEEDS_ARGUMENTS = True
FOLDER = "deploy/shrink"
METHODS = catalogue.entries(FOLDER)


def run_shrinking(
    run: RunArgument,
    by: Annotated[str, typer.Option(help=f"{', '.join(METHODS)}.")] = "int8",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write; RUN/shrunk/METHOD by default.")
    ] = None,
    most_lost: Annotated[
        float, typer.Option(help="What may go: points of accuracy and other shares, percent of any other score.")
    ] = 1.0,
    data: Annotated[str | None, typer.Option(help="Where the data of the training are now, if they moved.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    quiet: QuietOption = False,
    json: JsonOption = False,
    **options: Any,
) -> None:
    """Make a trained model smaller, measure size, speed and score before and after, and refuse what lost too much."""
    set_mode(quiet, json)
    from deepglass.api.run import load
    from deepglass.deploy.shrinking import record, shrink
    from deepglass.deploy.shrinking.page import rows, sentence

    shrunk = shrink(load(run, "cpu"), by, output, most_lost=most_lost, data=data, force=force, **options)
    console.table(("", "before", "after", "change"), rows(shrunk))
    for note in shrunk.notes:
        console.say(f"  {note}")
    console.say(f"  {sentence(shrunk)}")
    console.say(f"  wrote {shrunk.path}, page {shrunk.path / 'shrink.html'}")
    console.result(record(shrunk))
    if not shrunk.is_good:
        console.warn(f"more was lost than is allowed; try {shrunk.advice}, or allow more with --most-lost")
        raise typer.Exit(1)


def groups() -> list[Group]:
    """The settings of every method, and of every model that may be a student."""
    student = named("--student")
    models = sorted(architectures.all_models(), key=lambda entry: entry.name != student)
    return [
        *(Group(settings.settings_of(catalogue.path_of(FOLDER, name)), f"With --by {name}") for name in METHODS),
        *(Group(entry.settings, f"Student {entry.name}", entry.name != student) for entry in models),
    ]


command = with_settings(run_shrinking, groups())
