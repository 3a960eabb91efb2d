"""From a name to a model: reads the folder, keeps settings and data sizes apart, picks the engine.

    load("gpt", vocab_size=65, context=128, num_layers=2)

A model file carries `TASKS` (literal), `Config` (its settings), optionally `VARIANTS` (names with other defaults)
and, last, `Model`; a literal `CLASSES` names another class of the file for a task that asks something else of the same
body. Whatever its `__init__` names beside `config` is a size that the data determine.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from deepglass.core import catalogue, settings
from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.zoo.pretext import Stages, with_pretext_head

Engine = Literal["torch", "glass"]
ENGINES = ("torch", "glass")


@dataclass(frozen=True)
class ModelEntry:
    """A name that `--model` accepts: the file it lives in and the settings in which it differs from the default."""

    name: str
    file: str
    tasks: tuple[str, ...]
    overrides: dict[str, Any]

    @property
    def summary(self) -> str:
        return catalogue.summary("models", self.file)

    @property
    def source(self) -> str:
        """Authors and year of its paper."""
        return catalogue.citation("models", self.file)

    def fits(self, task: str) -> bool:
        """Whether it may learn a task: its file names the task, or one that the task `LEARNS_LIKE`."""
        return not {task, *_like(task)}.isdisjoint(self.tasks)

    @property
    def settings(self) -> list[settings.Setting]:
        """The settings of the model, read from its source."""
        return settings.settings_of(catalogue.path_of("models", self.file))


def all_models(task: str | None = None) -> list[ModelEntry]:
    """Every model (of a task), by name; a file with `VARIANTS` gives one entry a variant. Nothing is imported."""
    entries = [entry for file in catalogue.entries("models") for entry in _of_file(catalogue.path_of("models", file))]
    return [entry for entry in entries if task is None or entry.fits(task)]


@cache  # like the syntax of the file
def _of_file(path: Path) -> list[ModelEntry]:
    tasks = tuple(catalogue.assigned(path, "TASKS") or ())
    variants = catalogue.assigned(path, "VARIANTS") or {path.stem.replace("_", "-"): {}}
    return [ModelEntry(name, path.stem, tasks, overrides) for name, overrides in variants.items()]


@cache
def _like(task: str) -> tuple[str, ...]:
    file = task.replace("-", "_")
    is_known = file in catalogue.entries("tasks")
    return (catalogue.class_constant("tasks", file, "Task", "LEARNS_LIKE") or ()) if is_known else ()


def entry(name: str, task: str | None = None) -> ModelEntry:
    """One model by name; two tasks may each have their own "lstm", so the task decides where it is given.

    Raises:
        OptionError: If there is none of that name, or it does not fit the task.
    """
    fitting = [model for model in all_models(task) if model.name == name]
    if fitting:
        return fitting[0]
    choices = ", ".join(model.name for model in all_models(task))
    if any(model.name == name for model in all_models()):
        raise OptionError(f"model {name!r} does not fit {task}: choose one of {choices} with --model")
    raise OptionError(catalogue.unknown("model", name, choices.split(", ")))


def load(
    name: str,
    engine: Engine = "torch",
    task: str | None = None,
    bags: int = 1,
    pretext: Stages = (),
    **values: Any,
) -> Any:
    """Build a model by name on one of the two engines.

    Args:
        name: As listed by `deepglass models`.
        engine: "torch" runs fast; "glass" runs the same file on NumPy.
        task: Which task's model is meant, where two tasks have one of this name.
        bags: So many of them as one (`zoo/bag.py`); on the glass engine one stands for all.
        pretext: What follows the features in the place of the last layer, of a network that learns without labels.
        values: Settings of the model's `Config` and the sizes that its data determine, in any order; sizes that
            this model has no use for are left out.

    Raises:
        OptionError: If the name or a setting is unknown, a value does not fit, or pictures are too small.
    """
    model_entry = entry(name, task)
    module = module_of(model_entry, engine)
    known = {setting.name for setting in model_entry.settings}
    chosen = {**model_entry.overrides, **{k: v for k, v in values.items() if k in known}}
    dims = {k: v for k, v in values.items() if k not in known}
    Model = class_of(module, model_entry, task)
    wanted = inspect.signature(Model.__init__).parameters
    arguments = {k: v for k, v in dims.items() if k in wanted}
    if known:
        arguments["config"] = settings.build(module.Config, model_entry.settings, chosen)
    missing = [k for k, p in wanted.items() if p.default is p.empty and k not in arguments and k != "self"]
    if missing:
        raise OptionError(f"model {name!r} needs the size {missing[0]!r}: give {missing[0]}=…")
    require_room(model_entry, dims)
    try:
        single = bags == 1 or engine == "glass"
        model = Model(**arguments) if single else _bagged(Model, bags, arguments)
    except ValueError as error:  # two settings that do not fit each other
        raise OptionError(f"model {name!r}: {error}") from error
    head = catalogue.constant("models", model_entry.file, "HEAD")
    return with_pretext_head(model, name, head, pretext, engine) if pretext else model


def _bagged(model: Any, bags: int, arguments: dict[str, Any]) -> Any:
    from deepglass.zoo.bag import Bag  # PyTorch takes its time

    return Bag([model(**arguments) for _ in range(bags)])


def class_of(module: Any, model_entry: ModelEntry, task: str | None = None) -> Any:
    """The class of a model's file that a task means: `Model`, unless its literal `CLASSES` names another."""
    return getattr(module, catalogue.constant("models", model_entry.file, "CLASSES", {}).get(task, "Model"))


def unused_settings(model_entry: ModelEntry, asked: Mapping[str, Any], dims: Mapping[str, Any]) -> Iterator[Unused]:
    """Settings that do nothing for data of these sizes, or beside other settings.

    Args:
        model_entry: Its file says with `NEEDS` which setting does nothing without which other size or setting, and the
            least, or a tuple of the values, that this must have.
        asked: Settings that are not as by default.
        dims: What the data determine, and all settings.
    """
    needs = catalogue.constant("models", model_entry.file, "NEEDS", {})
    sizes = {setting.name: setting.default for setting in model_entry.settings} | model_entry.overrides | dict(dims)
    for name in asked.keys() & needs.keys():
        size, least, words = needs[name]
        found = sizes.get(size)
        if isinstance(least, tuple):
            is_enough = found in least
        else:
            is_enough = (len(found) if hasattr(found, "__len__") else found or 0) >= least
        if not is_enough:
            yield Unused(name, f"it needs {words}, and there is none")


def require_room(model_entry: ModelEntry, dims: Mapping[str, Any]) -> None:
    """Refuse pictures of which the model's strides and poolings would leave nothing.

    Args:
        model_entry: Its file says with `MIN_SIDE` how many pixels per side it needs, where it has a limit.
        dims: What the data determine; `image_size` among them if they are pictures.

    Raises:
        OptionError: If a side is too short.
    """
    least = catalogue.constant("models", model_entry.file, "MIN_SIDE", 1)
    height, width = dims.get("image_size", (least, least))
    if min(height, width) < least:
        raise OptionError(
            f"pictures of {height}x{width} pixels are too small for {model_entry.name}, which needs {least} a side: "
            f"scale them with --image-size {least} or more, or choose another --model"
        )


def module_of(model_entry: ModelEntry, engine: Engine) -> ModuleType:
    """The model's file as a module, executed on PyTorch or on the glass engine."""
    require_engine(engine)
    if engine == "torch":
        return catalogue.load("models", model_entry.file)
    from deepglass.zoo import on_glass

    return on_glass.execute(catalogue.path_of("models", model_entry.file))


def require_engine(engine: str) -> None:
    """Load the engine, so that from now on its random numbers are seeded with everybody's.

    Raises:
        OptionError: If there is none of that name.
    """
    if engine not in ENGINES:
        raise OptionError(catalogue.unknown("engine", engine, list(ENGINES)))
    if engine == "glass":
        import deepglass.glass  # noqa: F401
