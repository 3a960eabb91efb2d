"""`deepglass models`: the architectures, the tasks they fit, and what they are."""

from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, set_mode
from deepglass.core.console import console


def command(
    name: Annotated[str | None, typer.Argument(help="Show the settings of this model.", metavar="[NAME]")] = None,
    task: Annotated[str | None, typer.Option(help="Only the models of this task.")] = None,
    json: JsonOption = False,
) -> None:
    """List the models, or the settings of one."""
    set_mode(quiet=False, as_json=json)
    if name is None:
        list_models(task)
    else:
        show_settings(name, task)


def list_models(task: str | None) -> None:
    """One line a model and task; the default of a task is marked."""
    from deepglass.api.options import default_model, task_file, task_names
    from deepglass.models import _build

    tasks = [task] if task else task_names()
    records = []
    for each in tasks:
        task_file(each)
        default = default_model(each)
        models = sorted(_build.all_models(each), key=lambda model: (model.name != default, model.name))
        records += [{"task": each, "model": m.name, "default": m.name == default, "about": m.summary} for m in models]
    rows = [(r["task"], r["model"] + (" (default)" if r["default"] else ""), r["about"]) for r in records]
    console.table(("task", "model", "about"), rows)
    console.result(records)


def show_settings(name: str, task: str | None) -> None:
    """The settings of one model: each is an option of `deepglass train`."""
    from deepglass.models import _build

    model = _build.entry(name, task)
    console.heading(f"{model.name}: {model.summary}")
    console.say(f"  fits {', '.join(model.tasks)}; file models/{model.file}.py")
    console.table(("option", "default", "why"), [(s.option, str(s.default), s.help) for s in model.settings])
    console.result({"model": model.name, "tasks": model.tasks, "settings": [vars(s) for s in model.settings]})
