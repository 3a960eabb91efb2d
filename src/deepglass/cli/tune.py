"""`deepglass tune SOURCE`: search for the settings that make the best model on your data, within a time."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, QuietOption, set_mode
from deepglass.cli._grown import with_settings
from deepglass.cli.train import groups
from deepglass.core import catalogue

GROUP = "train"
NEEDS_ARGUMENTS = True

SAMPLERS = ", ".join(catalogue.entries("tuning/samplers"))


def run_search(
    source: Annotated[str | None, typer.Argument(help="A file, a folder or a bundled name, as for train.")] = None,
    budget: Annotated[str, typer.Option(help="The time of all together, such as 90s, 5m or 1h.")] = "5m",
    sampler: Annotated[str | None, typer.Option(help=f"{SAMPLERS}; gaussian by default.")] = None,
    search: Annotated[
        list[str] | None,
        typer.Option(help="learning-rate=1e-4..0.1 or hidden-dim=64|128; may be repeated. By default what suits."),
    ] = None,
    trials: Annotated[int | None, typer.Option(help="At most so many; by default what there is time for.")] = None,
    study: Annotated[Path | None, typer.Option(help="The study's folder; by default a new one below runs/.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the study, beside other processes too.")] = False,
    task: Annotated[str | None, typer.Option(help="Guessed from the data.")] = None,
    model: Annotated[str | None, typer.Option(help="One of `deepglass models`; each task has a default.")] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
    **options: Any,
) -> None:
    """Search for settings; what you choose by an option of `train` is not searched."""
    set_mode(quiet, json)
    from deepglass.api.tune import tune

    tune(
        source,
        budget=budget,
        sampler=sampler,
        search=search or (),
        trials=trials,
        study=study,
        resume=resume,
        task=task,
        model=model,
        **options,
    )


command = with_settings(run_search, groups())
