"""Which file in formats/ reads the configuration that lies beside published weights; other model types are refused.

config_of(folder / "config.json", content, entry)  # {"model_type": "qwen2", …} → formats/qwen2.py
"""

from functools import cache
from pathlib import Path
from typing import Any

from deepglass.core import catalogue
from deepglass.core.errors import WeightsError
from deepglass.zoo import architectures, published_config
from deepglass.zoo.architectures import ModelEntry
from deepglass.zoo.published_config import PublishedConfig, shown

FOLDER = "zoo/formats"
WHERE = "`deepglass models --published` lists what is read"


@cache
def all_formats() -> dict[str, Any]:
    """The file that reads it, by model type."""
    files = [catalogue.load(FOLDER, name) for name in catalogue.entries(FOLDER)]
    return {model_type: file for file in files for model_type in file.MODEL_TYPES}


def reads_config(entry: ModelEntry) -> bool:
    """Whether configurations of transformers are read for a model."""
    return any(entry.file == file.MODEL for file in all_formats().values())


def config_of(path: Path, content: dict[str, Any], entry: ModelEntry) -> PublishedConfig | None:
    """The configuration, every field of it checked; None where it is none of transformers.

    Args:
        path: Of the file, for messages.
        content: What it holds.
        entry: The model that the weights are wanted for.

    Raises:
        WeightsError: If the model type is not read, belongs to another model, or a field is refused.
    """
    model_type = content.get("model_type")
    model_type = _usual_type(content, entry) if model_type is None else model_type
    if model_type is None:
        _require_architecture(path, content, entry)
        return None
    format = all_formats().get(model_type) if isinstance(model_type, str) else None
    if format is None:
        raise WeightsError(
            f"{path}: model_type {shown(model_type)} is not read here, and a relative would answer wrongly: "
            f"choose other weights; {WHERE}"
        )
    if entry.file != format.MODEL:
        names = [model.name for model in architectures.all_models() if model.file == format.MODEL]
        raise WeightsError(
            f"{path}: model_type {model_type!r} is not {entry.name}: pass --model {names[0]}; or put weights that "
            "this configuration does not belong to into a folder of their own"
        )
    return published_config.read(path, content, model_type, format)


def _usual_type(content: dict[str, Any], entry: ModelEntry) -> str | None:
    """Of a file of before 2020, which does not say its type: that of the model's own paper."""
    own = {name: file for name, file in all_formats().items() if entry.file == file.MODEL}
    usual = entry.file if entry.file in own else next(iter(own), None)
    return usual if usual and own[usual].READ.keys() & content.keys() else None


def _require_architecture(path: Path, content: dict[str, Any], entry: ModelEntry) -> None:
    """Refuse weights that timm publishes for another network of nearly the same tensors."""
    theirs = content.get("architecture")
    if theirs is None:
        return
    ours = entry.name.replace("-", "_")
    if str(theirs).removeprefix("tv_") != ours:
        raise WeightsError(
            f"{path}: architecture {shown(theirs)} is not {entry.name}: expected {ours!r}; choose the --model"
        )
    if content.get("model_args"):
        raise WeightsError(
            f"{path}: model_args {shown(content['model_args'])} changes the network, {entry.name} is computed without: "
            "choose other weights"
        )
