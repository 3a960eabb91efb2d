"""`deepglass train SOURCE`: learn from data and leave a run folder.

The options grow from the settings classes: reading, training, the chosen task and the chosen model. The settings of
every task and model are accepted; the help shows those that act in the task and model named beside `--help`.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, QuietOption, named, set_mode
from deepglass.cli._grown import Group, with_settings
from deepglass.core.environment import process_began
from deepglass.core.settings import Setting
from deepglass.rl.running import settings as acting
from deepglass.rl.running.naming import names_world
from deepglass.runs import options as space
from deepglass.zoo import architectures

GROUP = "train"
NEEDS_ARGUMENTS = True


def run_training(
    source: Annotated[
        str | None,
        typer.Argument(help="A file, a folder, a bundled name (digits, iris, co2, …), or an environment: CartPole-v1."),
    ] = None,
    task: Annotated[str | None, typer.Option(help="Guessed from the data.")] = None,
    model: Annotated[str | None, typer.Option(help="One of `deepglass models`; each task has a default.")] = None,
    run: Annotated[Path | None, typer.Option(help="The run folder; by default a new one below runs/.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the folder's checkpoint.")] = False,
    config: Annotated[Path | None, typer.Option(help="Repeat a run, or a config.json, to the same numbers.")] = None,
    folds: Annotated[int | None, typer.Option(help="Also cross-validate with so many folds.")] = None,
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help="Also write TensorBoard event files.")] = False,
    profile: Annotated[bool, typer.Option("--profile", help="Say where the time went, and what to change.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Warn while it trains of what does not learn.")] = False,
    engine: Annotated[str | None, typer.Option(help="torch, or glass for the NumPy engine (default: torch)")] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
    **options: Any,
) -> None:
    """Train on your data, judge the model beside a trivial baseline, and write the report."""
    set_mode(quiet, json)
    from deepglass.api.train import train

    train(
        source,
        task=task,
        model=model,
        run=run,
        resume=resume,
        config=config,
        folds=folds,
        tensorboard=tensorboard,
        profile=profile,
        watch=watch,
        engine=engine,
        started=process_began(),
        **options,
    )


def groups() -> list[Group]:
    """All settings, those of the task and model that the command line names first: they own shared names."""
    task, model = named("--task"), named("--model")
    if model is None and task in space.task_names():
        model = space.default_model(task)
    tasks = sorted(space.task_names(), key=lambda name: name != task)
    models = sorted(architectures.all_models(), key=lambda entry: entry.name != model)
    algorithms = sorted(acting.algorithms(), key=lambda name: name != model)
    return [
        *_acting(space.DATA_SETTINGS, "Reading", task),
        *_acting(space.TRAIN_SETTINGS, "Training", task),
        *(Group(space.task_settings(name), f"Task {name}", name != task) for name in tasks),
        *(Group(entry.settings, f"Model {entry.name}", entry.name != model) for entry in models),
        Group(acting.SETTINGS, "In an environment", model not in algorithms and not any(map(names_world, sys.argv))),
        *(Group(acting.algorithm_settings(name), f"Algorithm {name}", name != model) for name in algorithms),
    ]


def _acting(settings: list[Setting], panel: str, task: str | None) -> Iterator[Group]:
    """Settings that act in a task, and apart from them those that are refused there."""
    known = task if task in space.task_names() else None
    for is_hidden in (False, True):
        yield Group([s for s in settings if space.acts_in(s.name, known) != is_hidden], panel, is_hidden)


command = with_settings(run_training, groups())
