"""Small bundles that the real runtime opens: graphs written by hand, so that no test of the server needs PyTorch.

- half-plus-three: a table of one number x → x/2 + 3, the model of TensorFlow Serving's documentation
- flowers: a table of two numbers and a category → three classes
- shades: a grey picture of 8 × 8 → dark or light
- mood: a text → good or bad, by its words
- tides: the last twelve days of a series → the next four, as the last four were; not among `ALL`
- hours: the same of hours in Berlin, whose times have no offset; not among `ALL`
- prices: prices and days as people write them, $1,200 and 31 Jan 2020 → a number; not among `ALL`
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save_model

from deepglass.data.reading.date_forms import MONTHS, pattern_of
from deepglass.data.reading.number_format import NumberFormat
from deepglass.deploy.runtime import checksums

OPSETS = [helper.make_opsetid("", 20), helper.make_opsetid("ai.onnx.ml", 4)]
LIMITS = {"rows": 10_000, "image_pixels": 1_000_000, "text_characters": 10_000}
COLOURS = ["blue", "red", "white"]
WORDS = ["good", "great", "bad", "awful", "film"]
NUMBER = {"kind": "number", "datatype": "FP64", "shape": [-1, 1]}


def half_plus_three(folder: Path, version: str = "123") -> Path:
    """x → x/2 + 3."""
    nodes = [
        helper.make_node("Mul", ["x", "half"], ["halved"]),
        helper.make_node("Add", ["halved", "three"], ["sum"]),
        helper.make_node("Squeeze", ["sum", "last"], ["value"]),
    ]
    constants = {"half": np.array(0.5), "three": np.array(3.0), "last": np.array([1])}
    graph = helper.make_graph(
        nodes, "half-plus-three", [_tensor("x", TensorProto.DOUBLE, ["batch", 1])],
        [_tensor("value", TensorProto.DOUBLE, ["batch"])], _weights(constants),
    )  # fmt: skip
    column = {"name": "x", "tensor": "x", **NUMBER, "statistics": {"mean": 2.0, "std": 1.0, "median": 2.0}}
    schema = {"name": "half-plus-three", "version": version, "task": "tabular-regression", "answer": "value"}
    return _bundle(folder, graph, schema | {"inputs": [column]}, conformal=scores(0.0, 4.0))


def flowers(folder: Path, version: str = "1") -> Path:
    """Two numbers and a colour → three classes."""
    colour = helper.make_node(
        "LabelEncoder", ["colour"], ["code"], domain="ai.onnx.ml", keys_strings=COLOURS, values_floats=[1.0, 2.0, 3.0],
        default_float=0.0,
    )  # fmt: skip
    nodes = [
        colour,
        helper.make_node("Concat", ["length", "width"], ["wide"], axis=1),
        helper.make_node("IsNaN", ["wide"], ["is_empty"]),
        helper.make_node("Where", ["is_empty", "fill", "wide"], ["filled"]),
        helper.make_node("Cast", ["filled"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("Concat", ["numbers", "code"], ["cells"], axis=1),
        helper.make_node("MatMul", ["cells", "W"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    weights = np.array([[0.9, 0.1, -0.8], [-0.5, 0.6, 0.2], [0.1, -0.4, 0.5]], np.float32)
    constants = {"W": weights, "fill": np.array([4.0, 1.0])}
    inputs = [_tensor(name, TensorProto.DOUBLE, ["batch", 1]) for name in ("length", "width")]
    inputs.append(_tensor("colour", TensorProto.STRING, ["batch", 1]))
    outputs = [_tensor("probabilities", TensorProto.FLOAT, ["batch", 3])]
    graph = helper.make_graph(nodes, "flowers", inputs, outputs, _weights(constants))
    described: list[dict[str, Any]] = [
        {"name": "length", "tensor": "length", **NUMBER, "statistics": {"mean": 4.0, "std": 1.0, "median": 4.1}},
        {"name": "width", "tensor": "width", **NUMBER, "statistics": {"mean": 1.0, "std": 0.5, "median": 1.1}},
        {"name": "colour", "tensor": "colour", "kind": "category", "datatype": "BYTES", "shape": [-1, 1],
         "categories": COLOURS, "is_boolean": False,
         "statistics": {"shares": {"blue": 0.5, "red": 0.3, "white": 0.2}}},
    ]  # fmt: skip
    schema = {"name": "flowers", "version": version, "task": "tabular-classification", "answer": "probabilities"}
    return _bundle(
        folder, graph, schema | {"inputs": described}, ["iris", "poppy", "daisy"], conformal=scores(0.05, 1.0)
    )


def shades(folder: Path) -> Path:
    """A grey picture → dark or light."""
    nodes = [
        helper.make_node("Cast", ["images"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["floats", "axes"], ["mean"], keepdims=0),
        helper.make_node("MatMul", ["mean", "W"], ["lit"]),
        helper.make_node("Add", ["lit", "b"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    constants = {
        "axes": np.array([1, 2]), "W": np.array([[-0.02, 0.02]], np.float32), "b": np.array([2.5, -2.5], np.float32),
    }  # fmt: skip
    inputs = [_tensor("images", TensorProto.UINT8, ["batch", "height", "width", 1])]
    outputs = [_tensor("probabilities", TensorProto.FLOAT, ["batch", 2])]
    graph = helper.make_graph(nodes, "shades", inputs, outputs, _weights(constants))
    described = {
        "name": "image", "kind": "image", "tensor": "images", "datatype": "UINT8", "shape": [-1, -1, -1, 1],
        "height": 8, "width": 8, "channels": 1, "statistics": {"mean": 120.0, "std": 40.0},
    }  # fmt: skip
    schema = {"name": "shades", "version": "1", "task": "image-classification", "answer": "probabilities"}
    return _bundle(folder, graph, schema | {"inputs": [described]}, ["dark", "light"])


def mood(folder: Path) -> Path:
    """A text → good or bad."""
    nodes = [
        helper.make_node("Gather", ["scores", "tokens"], ["each"]),
        helper.make_node("ReduceSum", ["each", "axis"], ["logits"], keepdims=0),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    scores = [[0, 0], [0, 0], [2, 0], [2.5, 0], [0, 2], [0, 2.5], [0, 0]]
    constants = {"scores": np.array(scores, np.float32), "axis": np.array([1])}
    inputs = [_tensor("tokens", TensorProto.INT64, ["batch", "length"])]
    outputs = [_tensor("probabilities", TensorProto.FLOAT, ["batch", 2])]
    graph = helper.make_graph(nodes, "mood", inputs, outputs, _weights(constants))
    described = {
        "name": "text", "kind": "text", "tensor": "tokens", "datatype": "INT64", "shape": [-1, -1], "min_length": 1,
        "max_length": 50, "padding": 0, "statistics": {"mean": 8.0, "std": 4.0},
    }  # fmt: skip
    schema = {"name": "mood", "version": "1", "task": "text-classification", "answer": "probabilities"}
    tokens = {"kind": "words", "pattern": r"\w+", "words": WORDS}
    return _bundle(folder, graph, schema | {"inputs": [described]}, ["good", "bad"], tokens)


def tides(folder: Path, is_recent: bool = True) -> Path:
    """Twelve days of a series → four more; with or without the end of the series in training."""
    nodes = [helper.make_node("Slice", ["past", "from", "to", "axis"], ["forecast"])]
    constants = {"from": np.array([8]), "to": np.array([12]), "axis": np.array([1])}
    inputs = [_tensor("past", TensorProto.DOUBLE, ["batch", 12, 1])]
    outputs = [_tensor("forecast", TensorProto.DOUBLE, ["batch", 4, 1])]
    graph = helper.make_graph(nodes, "tides", inputs, outputs, _weights(constants))
    described = {
        "name": "level, m", "kind": "series", "role": "target", "tensor": "past", "datatype": "FP64",
        "shape": [-1, 12, 1], "statistics": {"mean": 2.0, "std": 1.0},
    }  # fmt: skip
    days = [f"2024-02-{day:02d}" for day in range(14, 30)]
    recent = {"times": days, "values": {"level, m": [1.0 + (day % 4) for day in range(16)]}} if is_recent else None
    series = {"context": 12, "horizon": 4, "axis": {"column": "day", "unit": "seconds", "size": 86400.0}}
    schema = {"name": "tides", "version": "1", "task": "forecasting", "answer": "forecast"}
    return _bundle(folder, graph, schema | {"inputs": [described], "series": series | {"recent": recent}})


def hours(folder: Path) -> Path:
    """Twelve hours of a series → four more."""
    path = tides(folder, is_recent=False)
    schema = json.loads((path / "schema.json").read_text())
    axis = {"column": "time", "unit": "seconds", "size": 3600.0, "zone": "Europe/Berlin", "has_clock": True}
    load = schema["inputs"][0] | {"name": "load"}
    return _described(path, schema | {"name": "hours", "inputs": [load], "series": schema["series"] | {"axis": axis}})


def prices(folder: Path) -> Path:
    """A price and a day → half of the price, and a thousandth for every day since 1970."""
    nodes = [
        helper.make_node("Concat", ["price", "day"], ["cells"], axis=1),
        helper.make_node("MatMul", ["cells", "W"], ["value"]),
    ]
    inputs = [_tensor(name, TensorProto.DOUBLE, ["batch", 1]) for name in ("price", "day")]
    outputs = [_tensor("value", TensorProto.DOUBLE, ["batch"])]
    graph = helper.make_graph(nodes, "prices", inputs, outputs, _weights({"W": np.array([0.5, 0.001])}))
    number = {"pattern": NumberFormat(thousands=",", before="$").pattern, "is_plain": False, "example": "$1,234.5"}
    date = {"patterns": [pattern_of(form) for form in ("%Y-%m-%d", "%d %b %Y")], "months": MONTHS}
    date |= {"example": "31 Jan 2020", "keeps_clock": False, "count": None, "is_digits": False}
    columns = {"price": {"number": number}, "day": {"date": date}}
    reading = {"columns": columns, "missing": ["", "-"], "sentinels": [], "known": ["price", "day"], "target": "value"}
    reading |= {"time_parts": [], "delimiter": ";", "header": True, "names": ["price", "day", "value"]}
    described = [
        {"name": name, "tensor": name, **NUMBER, "kind": kind, "statistics": {"mean": 0.0, "std": 1.0, "median": 1.0}}
        for name, kind in (("price", "number"), ("day", "date"))
    ]
    schema = {"name": "prices", "version": "1", "task": "tabular-regression", "answer": "value"}
    return _bundle(folder, graph, schema | {"inputs": described, "reading": reading})


ALL = (half_plus_three, flowers, shades, mood)
ATTACKED = (*ALL, tides, hours, prices)


def _described(folder: Path, schema: dict[str, Any]) -> Path:
    """The bundle under another description."""
    (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    checksums.write(folder)
    return folder


def scores(low: float, high: float, count: int = 19) -> dict[str, Any]:
    """Evenly spread, as a run keeps them."""
    return {"scores": np.linspace(low, high, count).tolist(), "count": count}


def _bundle(
    folder: Path, graph: Any, schema: dict[str, Any], labels: Any = None, tokens: Any = None, conformal: Any = None
) -> Path:
    folder.mkdir(parents=True)
    save_model(helper.make_model(graph, opset_imports=OPSETS, ir_version=10), folder / "model.onnx")
    parts = {"schema": schema | {"format": 1, "limits": LIMITS}, "labels": labels, "tokens": tokens}
    parts |= {"conformal": conformal}
    for name, part in parts.items():
        if part is not None:
            (folder / f"{name}.json").write_text(json.dumps(part), encoding="utf-8")
    checksums.write(folder)
    return folder


def _tensor(name: str, kind: int, shape: list[Any]) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def _weights(constants: dict[str, np.ndarray]) -> list[Any]:
    return [numpy_helper.from_array(array, name) for name, array in constants.items()]
