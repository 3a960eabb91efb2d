"""`deepglass models`: the architectures, the tasks they fit, and what each costs, layer by layer."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepglass.cli._common import JsonOption, set_mode
from deepglass.cli._grown import Group, with_settings
from deepglass.cli._published import list_published
from deepglass.core import catalogue, settings
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.core.wording import short
from deepglass.runs import options as space
from deepglass.zoo import architectures

GROUP = "train"

if TYPE_CHECKING:
    from deepglass.zoo.summary import Summary

SIZES = settings.settings_of(catalogue.PACKAGE / "zoo" / "example_inputs.py", "Sizes")
COUNTED = "FLOPs: matrix products and convolutions, a multiplication and an addition are two"
MEMORY = "memory: to train on it, weights, gradients, AdamW's two moments and what the backward pass needs, in float32"
NO_TASK = "for dg.fit and lessons"


def show_models(
    name: Annotated[str | None, typer.Argument(help="Show this one, layer by layer.", metavar="[NAME]")] = None,
    task: Annotated[str | None, typer.Option(help="Only the models of this task.")] = None,
    time: Annotated[bool, typer.Option(help="Measure each layer's share of the time.")] = True,
    published: Annotated[
        bool, typer.Option("--published", help="What published weights load, and which of their settings are honoured.")
    ] = False,
    json: JsonOption = False,
    **options: Any,
) -> None:
    """List the models with parameters, FLOPs, memory and paper; or one with its settings and layers."""
    set_mode(quiet=False, as_json=json)
    given = {option: value for option, value in options.items() if value is not None}
    if task is not None:
        space.task_file(task)
    if published:
        list_published(name, task)
    elif name is None:
        if given:
            raise OptionError(f"--{next(iter(given)).replace('_', '-')} needs a model: deepglass models NAME --…")
        list_models(task)
    else:
        show_model(architectures.entry(name, task), task, time, given)


# -- all of them ----------------------------------------------------------------------------------------------------


def list_models(task: str | None) -> None:
    """One line per model; the default of a task is marked."""
    from deepglass.zoo.summary_cache import summaries

    def announce(number: int) -> None:
        console.say(f"  counting {number} models; the next call knows the numbers …", style="dim")

    models = in_order(architectures.all_models(task))
    records = [in_short(model) | numbers for model, numbers in zip(models, summaries(models, task, announce))]
    columns = ("model", "fits", "parameters", "FLOPs", "memory", "for one example of", "first source")
    console.table(columns, [row(record) for record in records])
    console.say(f"{COUNTED}.")
    console.say(f"{MEMORY}.")
    console.say("`deepglass models NAME` shows the settings and the layers of one.")
    console.result(records)


def in_order(models: list[architectures.ModelEntry]) -> list[architectures.ModelEntry]:
    """Task by task, the default first; those without a task at the end."""
    tasks = space.task_names()

    def place(model: architectures.ModelEntry) -> tuple[int, bool, str, str]:
        first = tasks.index(model.tasks[0]) if model.tasks else len(tasks)
        return first, not defaults_of(model), model.file, ""

    return sorted(models, key=place)


def defaults_of(model: architectures.ModelEntry) -> list[str]:
    """The tasks that take this model when none is asked for."""
    return [task for task in model.tasks if space.default_model(task) == model.name]


def in_short(model: architectures.ModelEntry) -> dict[str, Any]:
    """A model in one record."""
    return {
        "model": model.name,
        "tasks": model.tasks,
        "default_of": defaults_of(model),
        "about": model.summary,
        "source": model.source,
    }


def row(record: dict[str, Any]) -> list[str]:
    """A record as a line of the table."""
    fits = [task + " (default)" * (task in record["default_of"]) for task in record["tasks"]]
    costs = [short(record["parameters"]), short(record["flops"]), short(record["training_bytes"], "B")]
    return [record["model"], ", ".join(fits) or NO_TASK, *costs, record["example"], record["source"]]


# -- one of them ----------------------------------------------------------------------------------------------------


def show_model(model: architectures.ModelEntry, task: str | None, has_time: bool, given: dict[str, Any]) -> None:
    """Settings and published weights, then the layers of an example's way through."""
    from deepglass.core.device import choose_device, name_of
    from deepglass.zoo.summary import PASSES, has_room, summarize, with_time

    values = checked(given, model)
    summary = summarize(model, task, **values)
    published = catalogue.constant("models", model.file, "PUBLISHED", {}).get(model.name)
    console.heading(f"{model.name}: {model.summary}")
    console.say(f"  {model.source}; fits {', '.join(model.tasks) or NO_TASK}; file models/{model.file}.py")
    if published:
        console.say(f"  published weights: --pretrained {published}")
    console.table(("option", "default", "why"), [(s.option, str(s.default), s.help) for s in model.settings])
    if has_time and not has_room(summary):
        console.warn(f"not timed: {short(summary.weights_bytes, 'B')} of weights are too much for this machine")
    elif has_time:
        device = choose_device()
        console.say(f"  timing {PASSES} forward passes on {name_of(device)} …", style="dim")
        summary = with_time(summary, model, device, task, **values)
    show_layers(model, summary)
    console.result(in_short(model) | {"published": published} | details(model, summary))


def checked(given: dict[str, Any], model: architectures.ModelEntry) -> dict[str, Any]:
    """Options as typed, turned into settings of the model and sizes.

    Raises:
        OptionError: If one is neither, does not parse, or is a size below one.
    """
    known = {setting.name: setting for setting in [*model.settings, *SIZES]}
    settings.known_only(given, list(known.values()))
    values = {name: known[name].parse(value) for name, value in given.items()}
    for setting in SIZES:
        if setting.name in values and isinstance(values[setting.name], int) and values[setting.name] < 1:
            raise OptionError(f"{setting.option}: expected 1 or more, got {values[setting.name]}")
    return values


def show_layers(model: architectures.ModelEntry, summary: "Summary") -> None:
    """A line per layer, with its own numbers, and the sums."""
    rows = [
        (
            (layer.name or model.name) + (f" (called {layer.calls} times)" if layer.calls > 1 else ""),
            layer.kind,
            by(layer.shape_in),
            by(layer.shape_out),
            f"{layer.parameters:,}",
            short(layer.flops),
            "" if layer.time_share is None else f"{layer.time_share:.1%}",
        )
        for layer in summary.layers
    ]
    whole = "" if summary.milliseconds is None else f"{summary.milliseconds:.3g} ms"
    rows.append(("all", "", "", "", f"{summary.parameters:,}", short(summary.flops), whole))
    console.table(("layer", "kind", "shape in", "shape out", "parameters", "FLOPs", "time"), rows)
    console.say(f"{COUNTED}; {summary.example}.")
    console.say(f"{MEMORY}: {short(summary.training_bytes, 'B')}.")


def by(shape: tuple[int, ...] | None) -> str:
    """(1, 64, 112, 112) as 1×64×112×112."""
    return "" if shape is None else "×".join(map(str, shape))


def details(model: architectures.ModelEntry, summary: "Summary") -> dict[str, Any]:
    """Settings, numbers and layers, as plain data."""
    numbers = asdict(summary) | {"training_bytes": summary.training_bytes}
    return {"settings": [vars(setting) for setting in model.settings], **numbers}


def groups() -> list[Group]:
    """The sizes, and the settings of all models; the help shows those of the model that the command line names."""
    models = sorted(architectures.all_models(), key=lambda model: model.name not in sys.argv)
    grown = [Group(model.settings, f"Model {model.name}", model.name not in sys.argv) for model in models]
    return [Group(SIZES, "Sizes of the example"), *grown]


command = with_settings(show_models, groups())
