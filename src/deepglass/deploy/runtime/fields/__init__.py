"""One kind of input: what the runtime, the server and the export know of it, they ask its file.

A file of this folder is a kind, as the items of `schema["inputs"]` name it, with one class `Field` that fills in what
is declared here. The folder is the list. The first input of a model leads: it says what a record is.

    number, date, category       columns of a table: a record is a row
    image                        a picture
    text                         a text, to classify or to continue
    series                       a column of a table of times; time, static and key stand beside it

Packages beyond the standard library and NumPy are imported where they are used: a table wants no Pillow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from .. import strict_json
from ..errors import BodyError
from ..limits import Limits
from ..state import build, read, require

Json = dict[str, Any]
Tensors = dict[str, np.ndarray]


@dataclass(frozen=True)
class Cut:
    """A record in parts that can be hidden.

    record: As the model sees it; parts: what each of the M is; keep: from (M,) bool to the record with these alone.
    """

    record: Any
    parts: list[Json]
    keep: Callable[[np.ndarray], Any]


@dataclass(frozen=True)
class Input:
    """What every input says; a kind that says more extends it."""

    MAY_HAVE_MORE: ClassVar[bool] = True  # later versions may say more

    name: str
    kind: str
    tensor: str | None = None
    role: str | None = None


class Field:
    """One input of a model.

    Args:
        described: The item of `schema["inputs"]`.
        schema: The description of the whole model.
    """

    # -- what the kind says of itself ---------------------------------------------------------------------------

    Description: ClassVar[type[Input]] = Input  # checks the types of what is described
    HAS_TENSOR: ClassVar[bool] = True  # the graph takes it
    IS_NULLABLE: ClassVar[bool] = False  # NaN in its tensor stands for a value that is not known
    LIMITS: ClassVar[dict[str, int]] = {}  # of one request, by their names in the description
    FILES: ClassVar[tuple[str, ...]] = ()  # how content types begin whose body is one record in bytes
    FORMS: ClassVar[tuple[str, ...]] = (
        "text/csv",
    )  # content types besides JSON and forms that the documentation names
    GATHERS_ROWS: ClassVar[bool] = False  # many rows make one record
    PARTS: ClassVar[str | None] = None  # what an explanation hides; None where there is no explanation
    HIDDEN_IS: ClassVar[str] = ""  # what is there where all of it is hidden, in words
    IS_HEAVY: ClassVar[bool] = False  # whether hiding its parts is work for a thread
    EXAMPLE: ClassVar[tuple[str, str]] = ("rows.csv", "{{{name}: ..., ...}}")  # on the command line, and in Python

    def __init__(self, described: Json, schema: Json):
        self.described, self.schema = described, schema
        self.name: str = described["name"]

    @cached_property
    def inputs(self) -> list["Field"]:
        """All inputs of the model, in their order."""
        return fields_of(self.schema)

    # -- of every input -----------------------------------------------------------------------------------------

    def require(self) -> Any:
        """What is described, checked.

        Raises:
            ValueError: If a part is missing or does not fit.
        """
        one = build(self.Description, self.described)
        require(one.tensor is not None or not self.HAS_TENSOR, f"a tensor of {one.name!r}")
        return one

    def cell_schema(self, is_open: bool) -> Json:
        """JSON Schema of its value in a record; `is_open` where words that training has not seen are answered too."""
        raise NotImplementedError

    def typical(self) -> Any:
        """Its value where nothing particular is said."""
        statistics = self.described.get("statistics") or {}
        return statistics.get("median", statistics.get("mean", 0.0))

    def check(self, cell: Any) -> None:
        """Hold a value of JSON to its type.

        Raises:
            ValueError: What was expected and what came.
        """

    def known_words(self) -> set[str] | None:
        """The words that training has seen; None where an input is not made of words."""
        return None

    def watched(self, array: np.ndarray, column: int) -> np.ndarray:
        """What the drift watch follows: one number or word per cell, step, picture or text.

        Args:
            array: A batch of its tensor.
            column: Its first place in the last axis, where inputs share a tensor.
        """
        return array.ravel()

    def widget(self) -> str:
        """How a page asks for it among other cells: `select` from its categories, or a type of HTML's `input`."""
        return "text"

    # -- of the input that leads --------------------------------------------------------------------------------

    def require_model(self, tokens: Any) -> None:
        """Check what the description says beside its inputs.

        Raises:
            ValueError: If a part is missing or does not fit.
        """

    def encoder(self, tokens: Json, limits: Limits | None) -> Any:
        """From records to tensors (`records.Encoder`).

        Args:
            tokens: How texts become numbers.
            limits: What a server allows besides what the model can take; None allows everything.
        """
        raise NotImplementedError

    def packages(self, tokens: Json) -> tuple[str, ...]:
        """What a bundle needs besides NumPy and ONNX Runtime."""
        return ()

    def typical_record(self) -> Any:
        """A record such as the model was trained on."""
        return {field.name: field.typical() for field in self.inputs}

    def record_schema(self, is_open: bool) -> Json:
        """JSON Schema of a record."""
        properties = {field.name: field.cell_schema(is_open) for field in self.inputs}
        return {"type": "object", "properties": properties, "required": [*properties]}

    def from_json(self, record: Any, row: int) -> Any:
        """A record of JSON, held to its types.

        Raises:
            BodyError: 422; names the field.
        """
        if not isinstance(record, dict):
            message = f"record {row}: expected an object with {self.name}, got {strict_json.kind(record)}"
            raise BodyError(message, 422, self.name)
        for field in self.inputs:
            try:
                field.check(record.get(field.name))
            except ValueError as error:
                raise BodyError(f"record {row}, {field.name}: {error}", 422, field.name) from None
        return record

    def from_argument(self, argument: str, read_table: Callable[[Path], list[Any]]) -> list[Any]:
        """The records that an argument on the command line stands for.

        Args:
            argument: A path, or what the kind takes besides.
            read_table: Reads a CSV or JSON file.

        Raises:
            OSError, ValueError: If it cannot be read.
        """
        return read_table(Path(argument))

    def most_rows(self, limits: Limits) -> int:
        """Records of one request whose tensors are no larger than a body may be."""
        return limits.max_rows

    def check_shape(self, shape: list[int], limits: Limits) -> None:
        """Hold the open sizes of a tensor, as a request states them, to what the model takes.

        Raises:
            BodyError: 422; names the tensor.
        """

    def fitted(self, tensors: Tensors, encoder: Any) -> Tensors:
        """Tensors that a request brought, as the graph takes them.

        Raises:
            BodyError: 422 if a value is none of the model's; names the tensor.
        """
        return tensors

    def computed(self, tensors: Tensors, compute: Callable[[Tensors], Tensors]) -> Tensors:
        """The outputs for tensors; a kind whose records are larger than what the graph takes computes part by part.

        Args:
            tensors: As records make them.
            compute: The graph.
        """
        return compute(tensors)

    def with_open_sizes(self, tensor: Json) -> Json:
        """A tensor of the graph as requests may bring or get it: its `name`, `datatype` and `shape`."""
        return tensor

    def length(self, array: np.ndarray) -> int:
        """The size of its tensor that is open besides the batch, as far as outputs have it too."""
        return 1

    def lane(self, array: np.ndarray) -> tuple[int, ...]:
        """What must agree between tensors that are computed together."""
        return array.shape[1:]

    def joined(self, arrays: list[np.ndarray]) -> np.ndarray:
        """Several tensors of one lane as one."""
        return np.concatenate(arrays)

    def cut(self, record: Any, tensors: Tensors) -> Cut:
        """The record in parts; asked only where `PARTS` says what they are.

        Args:
            record: Which was encoded.
            tensors: Of the record.
        """
        raise NotImplementedError

    def form(self) -> Json:
        """How a page asks for a record: `ask`, and what depends on it.

        cells: `cells`, the widget of each input; text: `value`, which is there at first; file: `what` it is, `accept`
        and an `example` (name, content type) of it; rows: `what` they are, and an `example` too.
        """
        return {"ask": "cells", "cells": {field.name: field.widget() for field in self.inputs}}

    def shown(self) -> Json:
        """What else a page has to know of the model."""
        return {}


@cache
def kinds() -> tuple[str, ...]:
    """Every kind that there is a file for."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_")))


def class_of(kind: Any) -> type[Field]:
    """The class of a kind.

    Raises:
        ValueError: If there is none.
    """
    require(isinstance(kind, str) and kind in kinds(), f"one of {', '.join(kinds())} for 'kind'", kind)
    return import_module(f"{__name__}.{kind}").Field


def field_of(described: Json, schema: Json) -> Field:
    """One input."""
    return class_of(read(described, "kind", str))(described, schema)


def fields_of(schema: Json) -> list[Field]:
    """The inputs of a model, in their order."""
    return [field_of(described, schema) for described in schema["inputs"]]


def lead_of(schema: Json) -> Field:
    """The input that says what a record is."""
    return field_of(schema["inputs"][0], schema)


@cache
def file_types() -> tuple[str, ...]:
    """How content types begin whose body is one record in bytes, of all kinds."""
    return tuple(dict.fromkeys(begin for kind in kinds() for begin in class_of(kind).FILES))


@cache
def parts() -> list[str]:
    """What explanations hide, of all kinds."""
    return sorted({part for kind in kinds() if (part := class_of(kind).PARTS) is not None})


@cache
def limits() -> dict[str, int]:
    """What a request may bring at most, of all kinds."""
    return {name: most for kind in kinds() for name, most in class_of(kind).LIMITS.items()}
