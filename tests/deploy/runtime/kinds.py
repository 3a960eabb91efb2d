"""A model of every kind of input, small enough to be described by hand; a kind without one fails its tests."""

from typing import Any

LIMITS = {"rows": 100, "image_pixels": 10_000, "text_characters": 1000}
NUMBER = {"datatype": "FP64", "shape": [-1, 1], "statistics": {"mean": 2.0, "std": 1.0, "median": 2.5}}
TOKENS = {"kind": "words", "pattern": r"\w+", "words": ["good", "bad"]}


def table(*columns: dict[str, Any]) -> dict[str, Any]:
    """A row → a number."""
    schema = {"format": 1, "name": "m", "version": "1", "task": "anything", "answer": "value", "limits": LIMITS}
    return schema | {"inputs": [*columns]}


def past(*beside: dict[str, Any]) -> dict[str, Any]:
    """A series of days, with what stands beside it → two steps."""
    series = {"kind": "series", "name": "level", "role": "target", "tensor": "past", "shape": [-1, 3, 1]}
    plan = {"context": 3, "horizon": 2, "axis": {"column": "day", "unit": "seconds", "size": 86400.0}}
    return table(series | {"statistics": {"mean": 2.0, "std": 1.0}}, *beside) | {"answer": "forecast", "series": plan}


COLUMN = {"kind": "number", "name": "x", "tensor": "x", **NUMBER}
CATEGORY = {"kind": "category", "name": "c", "tensor": "c", "shape": [-1, 1], "categories": ["a", "b"]}
SIZES = {"height": 4, "width": 5, "channels": 1}
SCHEMAS = {
    "number": table(COLUMN),
    "date": table({**COLUMN, "kind": "date", "name": "d", "tensor": "d"}, COLUMN),
    "category": table(CATEGORY | {"is_boolean": False, "statistics": None}, COLUMN),
    "image": table({"kind": "image", "name": "image", "tensor": "images", **SIZES, "statistics": None}),
    "whole_image": table({"kind": "whole_image", "name": "image", "tensor": "images", **SIZES, "statistics": None}),
    "tiled_image": table({"kind": "tiled_image", "name": "image", "tensor": "images", **SIZES, "statistics": None}),
    "coarse_image": table(
        {"kind": "coarse_image", "name": "image", "tensor": "images", **SIZES, "times": 2, "statistics": None}
    ),
    "video": table({"kind": "video", "name": "clip", "tensor": "clips", **SIZES, "frames": 3, "statistics": None}),
    "audio": table(
        {"kind": "audio", "name": "sound", "tensor": "frames", "sample_rate": 8000, "num_bands": 16, "max_seconds": 9.0}
    ),
    "text": table(
        {"kind": "text", "name": "words", "tensor": "tokens", "min_length": 2, "max_length": 9, "padding": 0}
    ),
    "turns": table(
        {"kind": "turns", "name": "messages", "tensor": "tokens", "min_length": 2, "max_length": 20, "padding": -1}
        | {"marks": {"system": 0, "user": 1, "assistant": 2, "end": 3}}
    ),
    "series": past(),
    "time": past({"kind": "time", "name": "day", "role": "time", "tensor": None, "statistics": None}),
    "static": past({"kind": "static", "name": "area", "role": "static", "tensor": "static", "statistics": None}),
    "key": past({"kind": "key", "name": "shop", "role": "key", "tensor": None, "statistics": None}),
}
BROKEN = {  # of each kind, what no record may hold in its place
    "number": ["many", [1], {"a": 1}, True],
    "date": ["yesterday", 5, [1], True],
    "category": [[1], {"a": 1}, True],
    "image": ["no base64", [[1, 2], [3]], {"b64": 5}, 3, None],
    "whole_image": ["no base64", [[1, 2], [3]], {"b64": 5}, 3, None],
    "tiled_image": ["no base64", [[1, 2], [3]], {"b64": 5}, 3, None],
    "coarse_image": ["no base64", [[1, 2], [3]], {"b64": 5}, 3, None],
    "video": ["no base64", [[1, 2], [3]], {"b64": 5}, 3, None],
    "audio": ["no base64", [[1, 2], [3]], [5.0], {"b64": 5}, 3, None],
    "text": [3, None, ["a"], {"a": 1}, "x" * 1001],
    "turns": [3, None, [], ["a"], [{"role": "narrator", "content": "a"}], [{"role": "user"}], "x" * 1001, " "],
    "series": [["many"], [], [1.0] * 2, {"a": 1}, "x", None],
    "time": [["yesterday", "today", "tomorrow"], ["2024-01-01"]],
    "static": [["many"], "many"],
    "key": [],  # any word names a series
}
WRONG = {  # of each kind, a part of its description that no model can have
    "number": {"tensor": 5},
    "date": {"tensor": None},
    "category": {"categories": None},
    "image": {"height": 0},
    "whole_image": {"width": 0},
    "tiled_image": {"longer": -1},
    "coarse_image": {"times": 0},
    "video": {"frames": 0},
    "audio": {"sample_rate": 1},
    "text": {"min_length": 10},
    "turns": {"marks": {"user": 5}},
    "series": {"role": None},
    "time": {"role": 5},
    "static": {"tensor": None},
    "key": {"name": None},
}
