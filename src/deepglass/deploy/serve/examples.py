"""A record such as the model was trained on: for the health check, the page, the documentation and explanations."""

import base64
import io
from typing import Any

from PIL import Image

GREY = 128  # of 255


def typical_record(schema: dict[str, Any]) -> Any:
    """One record that the bundle accepts, made of typical values."""
    first = schema["inputs"][0]
    if first["kind"] == "series":
        return recent_past(schema) or _level_past(schema)
    return {described["name"]: typical_value(described) for described in schema["inputs"]}


def recent_past(schema: dict[str, Any]) -> dict[str, list[Any]] | None:
    """The end of a series in training, with its times; None where the run did not keep it."""
    recent, column = schema["series"].get("recent"), schema["series"]["axis"]["column"]
    if not recent or len(recent["times"]) < schema["series"].get("least_past", schema["series"]["context"]):
        return None
    return ({column: recent["times"]} if column is not None else {}) | recent["values"]


def _level_past(schema: dict[str, Any]) -> dict[str, list[Any]]:
    """A past that stays at its mean, and what is known after it: enough to see whether the model answers."""
    steps, horizon = schema["series"]["context"], schema["series"]["horizon"]
    ahead = horizon if any(described["role"] == "known" for described in schema["inputs"]) else 0
    record = {described["name"]: [typical_value(described)] * (steps + ahead) for described in schema["inputs"]}
    for described in schema["inputs"]:
        if described["role"] in ("target", "covariate"):
            record[described["name"]][steps:] = [None] * ahead
        if described["kind"] == "time":
            record[described["name"]] = list(range(steps + ahead))
    return record


def typical_value(described: dict[str, Any]) -> Any:
    """What stands for an input where nothing particular is said."""
    statistics = described.get("statistics") or {}
    match described["kind"]:
        case "category":
            return statistics.get("most_frequent") or described["categories"][0]
        case "image":
            return _grey(described) if described["channels"] in (1, 3) else _grey_array(described)
        case "text":
            return "a text"
        case "date":
            return "2020-01-31"
    return statistics.get("median", statistics.get("mean", 0.0))


def _grey_array(described: dict[str, Any]) -> list[Any]:
    """The same as numbers, for channels that no file of pictures has."""
    return [[[GREY] * described["channels"]] * described["width"]] * described["height"]


def _grey(described: dict[str, Any]) -> str:
    """A grey picture in base64."""
    colour = GREY if described["channels"] == 1 else (GREY,) * 3
    image = Image.new("L" if described["channels"] == 1 else "RGB", (described["width"], described["height"]), colour)
    file = io.BytesIO()
    image.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
