"""From loose options to the four settings objects of a run, and to the configuration file that repeats it.

Reading (`DataConfig`), training (`TrainConfig`), the task's own `Config` and the model's own `Config` share one flat
space of names, so that `--horizon 96 --learning-rate 0.001 --num-layers 2` needs no prefixes.
"""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from deepglass.core import catalogue, files, settings
from deepglass.core.catalogue import PACKAGE, unknown
from deepglass.core.errors import OptionError
from deepglass.core.settings import Setting
from deepglass.data.config import DataConfig
from deepglass.training.config import TrainConfig
from deepglass.zoo import architectures

DATA_SETTINGS = settings.settings_of(PACKAGE / "data" / "config.py", "DataConfig")
TRAIN_SETTINGS = settings.settings_of(PACKAGE / "training" / "config.py", "TrainConfig")

FARTHEST = 6  # folders above a run in which its data are looked for
PATHS = ("source", "val", "test", "tokenizer", "pretrained")  # options that may name a file

TRAIN_DEFAULTS: dict[str, Any] = {
    "epochs": 20,
    "batch_size": 64,
    "learning_rate": 1e-3,
    "optimizer": "adamw",
    "schedule": "cosine",
    "weight_decay": 0.01,
    "patience": 0,
}


@dataclass(frozen=True)
class Options:
    """What a user asked for, sorted by where it belongs."""

    data: dict[str, Any]
    train: dict[str, Any]
    task: dict[str, Any]
    model: dict[str, Any]

    def without(self, names: set[str]) -> "Options":
        """The same without some of them."""
        groups = ({n: v for n, v in group.items() if n not in names} for group in vars(self).values())
        return Options(*groups)


def task_names() -> list[str]:
    """All tasks, as on the command line."""
    return [name.replace("_", "-") for name in catalogue.entries("tasks")]


def task_file(task: str) -> str:
    """ "image-classification" → "image_classification"; checks that there is such a task.

    Raises:
        OptionError: If there is none.
    """
    if task not in task_names():
        raise OptionError(unknown("task", task, task_names()))
    return task.replace("-", "_")


def task_settings(task: str) -> list[Setting]:
    """The options of a task, read from its source."""
    return settings.settings_of(catalogue.path_of("tasks", task_file(task)))


def default_model(task: str) -> str:
    """The name of the model that a task takes when none is asked for."""
    return catalogue.declared_by(task_file(task), "default_model")


def honoured_by(task: str) -> frozenset[str]:
    """The options of reading and training upon which a task itself acts, read from its source."""
    file = task_file(task)
    return frozenset(catalogue.declared_by(file, "HONOURS") + catalogue.declared_by(file, "OPENS_WITH"))


def honoured_by_some() -> frozenset[str]:
    """The options upon which a task has to act, or nobody does."""
    return frozenset().union(*(catalogue.declared_by(file, "HONOURS") for file in catalogue.entries("tasks")))


def acts_in(name: str, task: str | None) -> bool:
    """Whether an option of reading or training can act in a task; without a task whether it acts anywhere."""
    return task is None or name not in honoured_by_some() or name in honoured_by(task)


def instead(task: str) -> dict[str, str]:
    """Option → why a task does not act upon it, and what to do, read from its source."""
    return catalogue.declared_by(task_file(task), "INSTEAD")


def known_names(task: str, model: str) -> set[str]:
    """The names of all options of a training."""
    return {setting.name for members in _groups(task, model).values() for setting in members}


def _groups(task: str, model: str) -> dict[str, list[Setting]]:
    own = architectures.entry(model, task).settings
    return {"data": DATA_SETTINGS, "train": TRAIN_SETTINGS, "task": task_settings(task), "model": own}


def sort(options: dict[str, Any], task: str, model: str) -> Options:
    """Sort flat options by the settings class that has a field of that name.

    Raises:
        OptionError: If no class has it; suggests the nearest name.
    """
    given = {name: value for name, value in options.items() if value is not None}
    groups = _groups(task, model)
    known = {setting.name: group for group, members in groups.items() for setting in members}
    sorted_options: dict[str, dict[str, Any]] = {group: {} for group in groups}
    for name, value in given.items():
        if name not in known:
            hint = unknown("option", f"--{name.replace('_', '-')}", [f"--{n.replace('_', '-')}" for n in known])
            raise OptionError(f"{hint.split(' Known:')[0]} (for {task} with model {model}; see --help)")
        sorted_options[known[name]][name] = value
    return Options(**sorted_options)


def data_config(options: dict[str, Any]) -> DataConfig:
    """The reading options among `options`; the task need not be known yet."""
    names = {setting.name for setting in DATA_SETTINGS}
    chosen = {name: value for name, value in options.items() if name in names and value is not None}
    return settings.build(DataConfig, DATA_SETTINGS, chosen)


def train_config(asked: dict[str, Any], task_defaults: dict[str, Any]) -> TrainConfig:
    """What was asked for, over the task's defaults, over everybody's.

    Raises:
        OptionError: If a value does not fit or makes no sense.
    """
    config = settings.build(TrainConfig, TRAIN_SETTINGS, {**TRAIN_DEFAULTS, **task_defaults, **asked})
    for name, low, high in BOUNDS:
        value = getattr(config, name)
        if isinstance(value, int | float) and not low <= value <= high:
            raise OptionError(f"--{name.replace('_', '-')}: expected {low:g} to {high:g}, got {value:g}")
    return config


BOUNDS = (
    ("epochs", 1e-6, 1e6),
    ("batch_size", 0, 1e9),
    ("learning_rate", 0, 1e3),
    ("warmup", 0, 0.9),
    ("momentum", 0, 1),
    ("weight_decay", 0, 1e3),
    ("label_smoothing", 0, 0.9),
    ("ema", 0, 0.999999),
    ("unfreeze_every", 0, 1e6),
    ("layer_decay", 0.01, 1),
    ("patience", 0, 1e6),
    ("threads", 1, 4096),
    ("seed", 0, 2**63 - 1),
    ("mixup", 0, 1e3),
    ("adversarial", 0, 1e3),
    ("adversarial_steps", 1, 1e3),
    ("cutmix", 0, 1e3),
    ("clip_gradient", 0, 1e9),
    ("private", 1e-3, 1e4),
    ("delta", 1e-30, 0.5),
    ("clip_example", 1e-9, 1e9),
    ("noise_seed", 0, 2**63 - 1),
    ("checkpoint_every", 0, 1e9),
)


def as_file(
    source: str, task: str, model: str, data: DataConfig, train: TrainConfig, usual: TrainConfig, rest: Options
) -> dict[str, Any]:
    """The content of config.json: enough to repeat the run.

    "train" holds every field, so that a later default changes nothing; "unusual" names those that are not what the
    task would have chosen for its model, for whoever repeats the run with another model.
    """
    content = {
        "source": source,
        "task": task,
        "model": model,
        "data": _changed(data, DataConfig()),
        "train": settings.as_dict(train),
        "task_options": rest.task,
        "model_options": rest.model,
        "unusual": _changed(train, usual),
    }
    return content | folder_of(content)


GROUPS = ("data", "train", "task_options", "model_options")
SETTLED = ("source", "task", "model", "engine")  # of a configuration file; all else is an option


@dataclass(frozen=True)
class Repeated:
    """What a configuration file says.

    settled: Source, task, model and engine, as far as they are in it.
    values: All options.
    asked: Those of them that the user asked for; what the task chose by itself is not among them.
    """

    settled: dict[str, Any]
    values: dict[str, Any]
    asked: set[str]

    def computed_by(self, way: dict[str, Any]) -> "Repeated":
        """The same with options of the way in which steps are computed, which nobody asked for."""
        return replace(self, values=self.values | way)


def from_file(path: Path, task: str | None = None, model: str | None = None) -> Repeated:
    """Read a config.json, or one written by hand.

    Args:
        path: The file, or the folder of a run. Relative paths in it are those of the folder where the run was made.
        task: Another task than the file's: then the file's model is left out.
        model: Another model than the file's: then what the file's model decided by itself is left out.

    Raises:
        OptionError: If it is not a configuration.
    """
    path = path / "config.json" if path.is_dir() else path
    content = files.read_json(path)
    if not isinstance(content, dict):
        raise OptionError(f"{path}: expected an object such as a run's config.json, got a {type(content).__name__}")
    _check_kinds(content, path)
    unusual = content.pop("unusual", content.get("train", {}))
    is_other_task = task not in (None, content.get("task"))
    if is_other_task or model not in (None, content.get("model")):
        content["train"], content["model_options"] = unusual, {}
    if is_other_task:
        content["model"] = None
    groups = {group: content.pop(group, {}) for group in GROUPS}
    content.pop("deepglass", None)
    places = [Path(folder) for folder in (content.pop("folder", None),) if folder]
    places += [*path.resolve().parents][1:FARTHEST] if places else []  # a run may have moved together with its data
    for group in (content, *groups.values()):
        group |= {name: _found(group[name], places) for name in PATHS if isinstance(group.get(name), str)}
    settled = {name: content.pop(name) for name in SETTLED if content.get(name) is not None}
    content = {name: value for name, value in content.items() if name not in SETTLED}
    values = {**content, **groups["data"], **groups["train"], **groups["task_options"], **groups["model_options"]}
    asked = {*content, *groups["data"], *unusual, *groups["task_options"], *groups["model_options"]}
    return Repeated(settled, values, asked)


def _check_kinds(content: dict[str, Any], path: Path) -> None:
    """Raises OptionError if a group of options is not an object, or a name is not text."""
    wanted = dict.fromkeys((*GROUPS, "unusual"), dict) | dict.fromkeys((*SETTLED, "folder"), str)
    for name, kind in wanted.items():
        value = content.get(name)
        if value is not None and not isinstance(value, kind):
            expected = "an object" if kind is dict else "text"
            raise OptionError(f"{path}: expected {expected} under {name!r}, got {str(value)[:60]!r}")
        if value is None and kind is dict:
            content.pop(name, None)


def folder_of(content: dict[str, Any]) -> dict[str, str]:
    """Where relative paths of a configuration are, if it has any."""
    values = [group.get(name) for group in (content, *content.values()) if isinstance(group, dict) for name in PATHS]
    paths = [Path(value) for value in values if isinstance(value, str)]
    return {"folder": str(Path.cwd())} if any(path.exists() and not path.is_absolute() for path in paths) else {}


def _found(name: str, places: list[Path]) -> str:
    """A relative path as it is found from here; a name that is not a path stays as it is."""
    if not Path(name).is_absolute():
        for place in places:
            if (place / name).exists():
                return name if place == Path.cwd() else str(place / name)
    return name


def _changed(config: Any, default: Any) -> dict[str, Any]:
    names = [field.name for field in fields(config)]
    return {name: getattr(config, name) for name in names if getattr(config, name) != getattr(default, name)}
