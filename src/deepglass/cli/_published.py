"""`deepglass models --published`: which published weights load, and what of their configuration is honoured."""

import json
from typing import Any

from deepglass.core import catalogue
from deepglass.core.console import console
from deepglass.zoo import architectures, published_config, published_formats
from deepglass.zoo.pretrained import published

COLUMNS = ("model_type", "--model", "what it is", "any value of", "within limits", "nothing else than")


def list_published(name: str | None, task: str | None) -> None:
    """One line per file that reads configurations, of all models or of one.

    Args:
        name: A model; None for all.
        task: Only models of this task.
    """
    files = {architectures.entry(name, task).file} if name else {model.file for model in architectures.all_models(task)}
    formats = {file.__name__: file for file in published_formats.all_formats().values() if file.MODEL in files}
    records = [record(path.rpartition(".")[2], file) for path, file in formats.items()]
    if records:
        console.table(COLUMNS, [row(one) for one in records])
        console.say(f"Of all: nothing else than {only(published_config.FIXED)}.")
        console.say("Names, token numbers, dropout and their like change no answer (--json lists them).")
        console.say("Every other model_type, and every other field, is refused by its name.")
    else:
        console.say(f"No config.json of transformers is read for {name or task}: a file of weights is, without one.")
    known = {model.name: published(model) for model in architectures.all_models(task) if model.file in files}
    addresses = {model: address for model, address in known.items() if address}
    if addresses:
        console.table(("--model", "weights that `--pretrained hub` begins with"), list(addresses.items()))
    console.result({"formats": records, "hub": addresses})


def record(name: str, file: Any) -> dict[str, Any]:
    """What a file in zoo/formats reads."""
    worked_out = {field: rule.honoured for field, rule in file.WORKED_OUT.items()}
    return {
        "model_types": list(file.MODEL_TYPES),
        "models": [model.name for model in architectures.all_models() if model.file == file.MODEL],
        "about": catalogue.summary(published_formats.FOLDER, name),
        "honoured": {**dict.fromkeys(file.READ, "any"), **worked_out},
        "only": {field: list(values) for field, values in (file.FIXED | published_config.FIXED).items()},
        "harmless": sorted({*file.UNUSED, *published_config.UNUSED}),
    }


def row(record: dict[str, Any]) -> list[str]:
    """A record as a line of the table."""
    honoured = record["honoured"]
    free = [field for field, how in honoured.items() if how.startswith("any")]
    limited = [f"{field} ({how})" for field, how in honoured.items() if field not in free]
    own = {field: values for field, values in record["only"].items() if field not in published_config.FIXED}
    types, model = ", ".join(record["model_types"]), record["models"][0]
    return [types, model, record["about"], ", ".join(free), ", ".join(limited), only(own)]


def only(fixed: dict[str, Any]) -> str:
    """hidden_act "silu" or "swish", mlp_bias false."""
    return ", ".join(f"{field} {' or '.join(map(json.dumps, values))}" for field, values in fixed.items())
