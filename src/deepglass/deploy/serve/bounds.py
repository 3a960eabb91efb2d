"""What one model takes: how many rows, how long a text, which token ids and words, and how much answer that makes.

Every number that a request states is held against these before anything is multiplied or allocated by it; what the
limits of the server leave open, the model's own description closes.
"""

from math import prod
from typing import Any

from deepglass.core.wording import listing
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.serve.config import ServeConfig
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.tensors import DTYPES, Spec, Tensors

SHOWN = 60  # characters of a word that a message repeats
MOST_AT_ONCE = 16_777_216  # values of all outputs of a batch: 64 MB


class TensorBounds:
    """The bounds of one model.

    Args:
        bundle: The model.
        config: Settings of the server, with its limits.
    """

    def __init__(self, bundle: Bundle, config: ServeConfig):
        self.bundle, self.config = bundle, config
        self.lead = bundle.lead
        self.outputs = {spec["name"]: spec for spec in bundle.tensors["outputs"]}
        nullable = {field.described["tensor"] for field in bundle.inputs if field.IS_NULLABLE}
        self.inputs = [spec | {"is_nullable": spec["name"] in nullable} for spec in bundle.tensors["inputs"]]
        self.categories = {
            field.described["tensor"]: (field.name, words)
            for field in bundle.inputs
            if (words := field.known_words()) is not None
        }
        self.width = bundle.answers.width(self.outputs[bundle.answers.name]["shape"])
        most = self.lead.most_rows(config)
        rows = min(config.max_rows, bundle.limits["rows"], config.max_values // self.width, most)
        self.max_rows = max(1, rows)

    def check_records(self, records: list[Any]) -> list[Any]:
        """The records, if there are some and not too many; of the rows of one past the last.

        Raises:
            RequestError: 422 if not.
        """
        are_rows = bool(records) and not any(isinstance(cell, list) for cell in _cells(records[0]))
        if self.lead.GATHERS_ROWS and are_rows:
            return records[-self.bundle.limits["rows"] :]
        if not 0 < len(records) <= self.max_rows:
            raise RequestError(422, f"expected 1 to {self.max_rows} records, got {len(records)}", "records")
        return records

    def shape_of(self, spec: Spec, shape: list[int]) -> list[int]:
        """A shape as a request states it, if the graph takes one of so many dimensions and sizes.

        Raises:
            RequestError, BodyError: 422 if not; names the tensor.
        """
        name, expected = spec["name"], spec["shape"]
        fits = len(shape) == len(expected) and all(want in (-1, got) for want, got in zip(expected, shape, strict=True))
        if not fits:
            raise RequestError(422, f"{name}: expected shape {expected} (-1: any), got {_shown(shape)}", name)
        if shape[0] > self.max_rows:
            raise RequestError(422, f"{name} has {shape[0]} rows, {self.max_rows} are allowed: send several", name)
        self.lead.check_shape(shape, self.config)
        return shape

    def fitted(self, tensors: Tensors) -> Tensors:
        """Tensors whose values the graph takes: large pictures scaled, token ids known.

        Raises:
            BodyError: 422 if an id is none of the model's.
        """
        return self.lead.fitted(tensors, self.bundle.encoder)

    def warnings(self, tensors: Tensors) -> list[str]:
        """What to say of words that training has not seen.

        Raises:
            RequestError: 422 if the server was told to refuse them.
        """
        found = []
        for tensor, (name, known) in self.categories.items():
            words = tensors[tensor].ravel().tolist()
            if unknown := [word for word in words if word not in known]:
                categories, came = listing(sorted(known - {""}), 10), unknown[0][:SHOWN]
                if self.config.unknown == "refuse":
                    raise RequestError(422, f"{name}: {came!r} was not in training; known: {categories}", name)
                count = f"{len(unknown):,} of {len(words):,} words were" if len(words) > 1 else "the word was"
                found.append(f"{name}: {count} not in training ({came!r}), taken as unknown; known: {categories}")
        return found

    def check_answer(self, tensors: Tensors, as_bytes: dict[str, bool]) -> None:
        """Whether what is asked for is small enough to be written down.

        Args:
            tensors: What goes in.
            as_bytes: The outputs that are wanted, and whether each comes in binary.

        Raises:
            RequestError: 422 if not.
        """
        rows, *_ = tensors.values()
        length = self.lead.length(rows)
        for name, is_binary in as_bytes.items():
            spec = self.outputs[name]
            count = len(rows) * _known_size(spec) * length ** spec["shape"][1:].count(-1)
            most = self.config.max_values
            if is_binary:
                most = self.config.max_body_bytes // DTYPES[spec["datatype"]].itemsize
            if count > most:
                advice = "ask for fewer rows, for another output, or in binary"
                raise RequestError(422, f"{name} would hold {count:,} values, at most {most:,}: {advice}", "outputs")

    def rows_at_once(self, tensors: Tensors) -> int:
        """Rows that are computed together: a batch, or fewer where one alone makes a large output."""
        first, *_ = tensors.values()
        length = self.lead.length(first)
        each = sum(_known_size(spec) * length ** spec["shape"][1:].count(-1) for spec in self.outputs.values())
        return max(1, min(self.config.max_batch, MOST_AT_ONCE // each))


def _known_size(spec: Spec) -> int:
    """Values of a row of a tensor, open sizes taken as one."""
    return prod(size for size in spec["shape"][1:] if size > 0)


def _cells(record: Any) -> list[Any]:
    return list(record.values()) if isinstance(record, dict) else []


def _shown(shape: list[int]) -> str:
    return str(shape) if len(shape) <= 8 else f"{len(shape)} dimensions"
