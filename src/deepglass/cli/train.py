"""`deepglass train SOURCE`: learn from data and leave a run folder.

The options grow from the settings classes: reading, training, the chosen task and the chosen model. The settings of
every task and model are accepted; the help shows those of the task and model named beside `--help`.
"""

import inspect
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.api import options as space
from deepglass.cli._common import JsonOption, QuietOption, set_mode
from deepglass.core.settings import Setting
from deepglass.models import _build

NEEDS_ARGUMENTS = True


def run_training(
    source: Annotated[
        str | None, typer.Argument(help="A file, a folder, or a bundled name: digits, iris, wine, diabetes, co2, …")
    ] = None,
    task: Annotated[str | None, typer.Option(help="Guessed from the data.")] = None,
    model: Annotated[str | None, typer.Option(help="One of `deepglass models`; each task has a default.")] = None,
    run: Annotated[Path | None, typer.Option(help="The run folder; by default a new one below runs/.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the folder's checkpoint stands.")] = False,
    config: Annotated[Path | None, typer.Option(help="Repeat the config.json of a run.")] = None,
    folds: Annotated[int | None, typer.Option(help="Also cross-validate with so many folds.")] = None,
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help="Also write TensorBoard event files.")] = False,
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
        engine=engine,
        **options,
    )


def with_settings(function: Any) -> Any:
    """`function` with one keyword-only parameter for each setting in place of its `**options`."""
    signature = inspect.signature(function)
    fixed = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    grown = [_parameter(setting, panel, hidden) for setting, panel, hidden in _groups()]
    parameters = [p.replace(kind=p.KEYWORD_ONLY) for p in fixed] + grown

    def command(**values: Any) -> None:
        function(**values)

    command.__doc__ = function.__doc__
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    return command


def _groups() -> list[tuple[Setting, str, bool]]:
    """Every setting once, with the panel of the help it belongs to and whether it is hidden there."""
    task, model = _named("--task"), _named("--model")
    tasks = sorted(space.task_names(), key=lambda name: name != task)  # the named ones first: they own shared names
    models = sorted(_build.all_models(), key=lambda entry: entry.name != model)
    groups = [
        (space.DATA_SETTINGS, "Reading", False),
        (space.TRAIN_SETTINGS, "Training", False),
        *((space.task_settings(name), f"Task {name}", name != task) for name in tasks),
        *((entry.settings, f"Model {entry.name}", entry.name != model) for entry in models),
    ]
    seen: set[str] = set()
    members = [(setting, panel, hidden) for settings, panel, hidden in groups for setting in settings]
    return [(s, panel, hidden) for s, panel, hidden in members if s.name not in seen and not seen.add(s.name)]


def _parameter(setting: Setting, panel: str, hidden: bool) -> inspect.Parameter:
    is_switch = setting.kinds[:1] == ("bool",)
    names = [f"{setting.option}/--no-{setting.option[2:]}"] if is_switch else [setting.option]
    help_text = setting.help + ("" if setting.default is None else f" (default: {setting.default})")
    if setting.choices:
        help_text = f"{', '.join(map(str, setting.choices))}. {help_text}"
    metavar = None if is_switch else f"<{setting.kinds[0] if setting.kinds else 'choice'}>"
    option = typer.Option(
        None, *names, help=help_text, metavar=metavar, rich_help_panel=panel, hidden=hidden, show_default=False
    )
    annotation = bool | None if is_switch else str | None
    return inspect.Parameter(setting.name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=annotation)


def _named(option: str) -> str | None:
    """The value of `--task` or `--model` on the command line, before it is parsed."""
    words = sys.argv
    for i, word in enumerate(words):
        if word == option and i + 1 < len(words):
            return words[i + 1]
        if word.startswith(option + "="):
            return word.partition("=")[2]
    return None


command = with_settings(run_training)
