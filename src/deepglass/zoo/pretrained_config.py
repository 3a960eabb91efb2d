"""What belongs to weights beside the weights: sizes of the network, names of the classes, scaling of the pictures.

Read from the files that people publish with them, whichever there are:

    config.json                 of transformers (hidden_size, …, id2label), or of timm (pretrained_cfg)
    preprocessor_config.json    of transformers: mean, spread and size of pictures
    labels.json, imagenet_classes.json, labels.txt    the classes in the order of the outputs
    config.json and task.json   of a Deepglass run, from which a training can go on with other data

What transformers writes is read by formats/, one file for its model types. A model file says by a literal
`INPUT = {"mean": (…), "std": (…), "size": 224}` how pictures were scaled for weights that say nothing themselves.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from deepglass.core import catalogue
from deepglass.core.errors import WeightsError
from deepglass.core.run_folder import RunFolder
from deepglass.core.wording import listing
from deepglass.zoo import architectures, published_formats
from deepglass.zoo.architectures import ModelEntry
from deepglass.zoo.published_config import PublishedConfig, translated
from deepglass.zoo.weight_files import read_json

LABEL_FILES = ("labels.json", "imagenet_classes.json", "labels.txt")
FROM_TEXT = ("vocab_size", "max_length", "context")  # sizes of a run that belong to its words, whatever is read next


@dataclass(frozen=True)
class Scaling:
    """How pictures were scaled for these weights: (byte - mean) / std of each channel.

    mean, std: Of each channel, in units of a byte.
    size: Side in pixels; None where it is not said.
    """

    mean: list[float]
    std: list[float]
    size: int | None


@dataclass(frozen=True)
class Belongings:
    """What was found beside weights; everything may be absent."""

    settings: dict[str, Any] = field(default_factory=dict)  # of the model's Config
    dims: dict[str, Any] = field(default_factory=dict)  # sizes that data determine elsewhere: words, positions
    classes: list[str] | None = None  # in the order of the outputs
    scaling: Scaling | None = None
    state: dict[str, Any] = field(default_factory=dict)  # of the task of a Deepglass run
    config: PublishedConfig | None = None  # of transformers
    token_shift: int | None = None  # by how much the numbers of tokens move up, so that 0 is padding; None: not said


def is_run(folder: Path) -> bool:
    """Whether a folder is a run of Deepglass."""
    return (folder / "task.json").is_file() and (folder / "config.json").is_file()


def has_model_type(folder: Path) -> bool:
    """Whether a configuration of transformers lies in a folder.

    Raises:
        WeightsError: If its config.json is not an object.
    """
    return not is_run(folder) and "model_type" in _read(folder / "config.json")


def of_run(folder: Path, entry: ModelEntry) -> Belongings:
    """What a run of Deepglass knows of its weights.

    Raises:
        RunError: If one of its files is not as it was written.
        WeightsError: If it was trained with another architecture.
    """
    run = RunFolder(folder)
    config, task = run.require_record("config.json", "model"), run.require_record("task.json", "task", "state", "dims")
    run.verify("weights.safetensors")
    with run.understanding("config.json", "task.json"):
        return _of_files(folder, config, task, entry)


def _of_files(folder: Path, config: dict[str, Any], task: dict[str, Any], entry: ModelEntry) -> Belongings:
    own = architectures.entry(config["model"], task["task"])
    if own.file != entry.file:
        raise WeightsError(f"{folder} was trained with the model {own.name}, not {entry.name}: pass --model {own.name}")
    state = task["state"]
    return Belongings(
        settings={**own.overrides, **config["model_options"]},
        dims={name: value for name, value in task["dims"].items() if name in FROM_TEXT},
        classes=state.get("classes"),
        scaling=_scaling_of_run(state.get("preprocessing") or {}),
        state=state,
    )


def of_folder(folder: Path, entry: ModelEntry) -> Belongings:
    """What people publish beside weights: configuration, classes, scaling.

    Raises:
        WeightsError: If one of the files is damaged, or the configuration is of another network.
    """
    config = _read(folder / "config.json")
    published = published_formats.config_of(folder / "config.json", config, entry)
    settings, dims = translated(published, entry.settings) if published else ({}, {})
    scaling = _scaling_of_folder(folder, config) or scaling_of_model(entry)
    if scaling and published and (side := getattr(published.format, "image_side", None)):
        scaling = replace(scaling, size=side(published))  # a ViT has a vector for every place in the picture
    shift = getattr(published.format, "num_shifted", None) if published else None
    return Belongings(
        settings=settings,
        dims=dims,
        classes=classes_of(config, folder),
        scaling=scaling,
        config=published,
        token_shift=shift(published) if shift else None,
    )


def scaling_of_model(entry: ModelEntry) -> Scaling | None:
    """What the model's file says of its published weights: `INPUT`, with mean and std of brightness from 0 to 1."""
    said = catalogue.constant("models", entry.file, "INPUT")
    return _scaling(said["mean"], said["std"], said.get("size"), 1 / 255) if said else None


# -- classes --------------------------------------------------------------------------------------------------------


def classes_of(config: dict[str, Any], folder: Path) -> list[str] | None:
    """The classes in the order of the outputs; None where nobody has named them.

    Raises:
        WeightsError: If the numbers of the classes are not 0, 1, 2 …, each once.
    """
    named = config.get("id2label") or config.get("label_names")
    for name in LABEL_FILES:
        if not named and (folder / name).is_file():
            file = folder / name
            named = file.read_text(encoding="utf-8").splitlines() if file.suffix == ".txt" else read_json(file)
    if isinstance(named, dict):  # {"0": "cat"} or {"cat": 0}
        named = _in_order(named, folder)
    if not isinstance(named, list) or not named:
        return None
    is_numbered = all(str(name) == f"LABEL_{i}" for i, name in enumerate(named))  # what transformers writes for nobody
    return None if is_numbered else [str(name) for name in named]


def _in_order(named: dict[str, Any], folder: Path) -> list[Any]:
    """{"0": "cat", "1": "dog"} or {"cat": 0, "dog": 1} as a list; the number is the place of the output.

    Raises:
        WeightsError: If a number is absent or said twice: then nobody knows which output is which class.
    """
    pairs = [(int(k), v) if str(k).isdigit() else (int(v), k) for k, v in named.items()]
    pairs.sort(key=lambda pair: pair[0])
    if [number for number, _ in pairs] != list(range(len(pairs))):
        numbers = listing((number for number, _ in pairs), 20)
        raise WeightsError(
            f"{folder}: the classes (id2label in config.json, or labels.json) have the numbers {numbers}: expected 0 "
            f"to {len(pairs) - 1}, each once, as the outputs have; correct them, or take them out"
        )
    return [name for _, name in pairs]


# -- scaling of pictures --------------------------------------------------------------------------------------------


def _scaling_of_run(fitted: dict[str, Any]) -> Scaling | None:
    is_of_pictures = {"height", "mean", "std"} <= fitted.keys()
    return Scaling(fitted["mean"], fitted["std"], int(fitted["height"])) if is_of_pictures else None


def _scaling_of_folder(folder: Path, config: dict[str, Any]) -> Scaling | None:
    if said := _read(folder / "preprocessor_config.json"):
        return _scaling_of_processor(said)
    if said := config.get("pretrained_cfg"):
        size = (said.get("input_size") or [None])[-1]
        return _scaling(said["mean"], said["std"], size, 1 / 255) if "mean" in said and "std" in said else None
    return None


def _scaling_of_processor(said: dict[str, Any]) -> Scaling | None:
    """The file of a transformers image processor."""
    if "image_mean" not in said and "size" not in said:
        return None  # of sounds, or of texts
    is_normalized = said.get("do_normalize", True) and "image_mean" in said
    mean, std = (said["image_mean"], said["image_std"]) if is_normalized else ([0.0] * 3, [1.0] * 3)
    unit = said.get("rescale_factor") or 1 / 255
    size = said.get("crop_size") if said.get("do_center_crop") else said.get("size")
    if isinstance(size, dict):
        size = size.get("height") or size.get("shortest_edge")
    return _scaling(mean, std, size, unit if said.get("do_rescale", True) else 1.0)


def _scaling(mean: Any, std: Any, size: Any, unit: float) -> Scaling:
    """To units of a byte, where a byte was multiplied by `unit` first."""
    return Scaling([m / unit for m in mean], [s / unit for s in std], int(size) if size else None)


def _read(path: Path) -> dict[str, Any]:
    """A JSON object, empty where there is no such file."""
    if not path.is_file():
        return {}
    content = read_json(path)
    if not isinstance(content, dict):
        raise WeightsError(f"{path}: expected an object, got a {type(content).__name__}: copy or download it again")
    return content
