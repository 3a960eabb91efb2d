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
        steps = schema["series"]["context"]
        return {described["name"]: [typical_value(described)] * steps for described in schema["inputs"]}
    return {described["name"]: typical_value(described) for described in schema["inputs"]}


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
