"""One kind of answer: outputs of the graph → what people read. The name of the first output says which kind it is.

A file of this folder is a kind, with one class `Answer` that fills in what is declared here. The folder is the list.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from math import prod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..state import require

Json = dict[str, Any]
NUMBER: Json = {"type": "number"}


class Answer:
    """Decodes the outputs of a model.

    Args:
        schema: The description of the model.
        labels: Names of the classes, or None.
        encoder: Of its records.
    """

    BESIDE: ClassVar[tuple[str, ...]] = ()  # outputs that belong to the answer too, where the graph has them
    VERB: ClassVar[str | None] = None  # of TensorFlow Serving, for the models that answer so
    CAN_EXPLAIN: ClassVar[bool] = False  # whether `score` says how far an answer speaks for another
    CAN_COVER: ClassVar[bool] = False  # whether `covered` gives sets or intervals

    def __init__(self, schema: Json, labels: list[str] | None, encoder: Any):
        self.schema, self.labels, self.encoder = schema, labels or [], encoder
        self.name: str = schema["answer"]

    @classmethod
    def require(cls, shape: list[int], labels: Any) -> None:
        """Check what the description says of the answer.

        Args:
            shape: Of the first output, -1 for what is open.
            labels: Names of the classes, or None.

        Raises:
            ValueError: If they do not belong together.
        """

    @property
    def needed(self) -> list[str]:
        """The outputs that an answer is made of."""
        there = [output["name"] for output in self.schema.get("outputs", ())]
        return [self.name, *(name for name in self.BESIDE if name in there)]

    def computed(
        self, tensors: dict[str, np.ndarray], compute: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]
    ) -> dict[str, np.ndarray]:
        """The outputs for tensors; a kind that is made step by step computes again and again.

        Args:
            tensors: As records make them.
            compute: The graph.
        """
        return compute(tensors)

    def decode(self, outputs: dict[str, np.ndarray], limit: float | None = None) -> list[Json]:
        """One answer per record, as people read them.

        Args:
            outputs: By name; those that are `needed` are enough.
            limit: Of the scores of what is added to each answer (`coverage.py`); None adds nothing.
        """
        rows = [{name: outputs[name][i] for name in self.needed} for i in range(len(outputs[self.name]))]
        if limit is None:
            return [self.one(parts) for parts in rows]
        return [self.one(parts) | self.covered(parts, limit) for parts in rows]

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        """The answer of one record, from its row of every output that is needed."""
        raise NotImplementedError

    def covered(self, parts: dict[str, np.ndarray], limit: float) -> Json:
        """All that fits one record as well as the limit; asked only where it can be told."""
        raise NotImplementedError

    def json_schema(self) -> Json:
        """JSON Schema of one answer."""
        raise NotImplementedError

    def with_notes(self, answers: list[Json], notes: list[Json]) -> list[Json]:
        """The answers with what only their records know, as far as they have a use for it.

        Args:
            notes: One for each answer, or none at all; of a picture `height` and `width`, of a past `steps`, `time`
                and `series`.
        """
        return [self.noted(answer, note) for answer, note in zip(answers, notes, strict=True)] if notes else answers

    def noted(self, answer: Json, note: Json) -> Json:
        """One answer with what it needs of the note of its record."""
        return answer

    def width(self, shape: list[int]) -> int:
        """How many values an answer takes to write, where its output has this shape."""
        return prod(size for size in shape[1:] if size > 0)

    def row(self, answer: Json) -> Json:
        """An answer as cells of a table."""
        return flat(answer)

    def shown(self) -> Json:
        """Which of its parts a page draws: `before`, a sentence; `said`, the part in large letters; `share`, how
        probable it is; `bars`, shares by name; `chart`, a forecast; `finer`, a picture; `marks`, whether blanks are
        made visible. Where none is named, a page shows the answer as it is.
        """
        return {}

    def about(self, first: Json) -> str:
        """What an explanation of an answer is about; asked only where it can be explained."""
        raise NotImplementedError

    def score(self, answer: Json, first: Json) -> float:
        """How far an answer speaks for the first; asked only where it can be explained."""
        raise NotImplementedError

    def result(self, answer: Json) -> Any:
        """An answer as TensorFlow Serving's verb gives it; asked only where there is one."""
        raise NotImplementedError


def flat(answer: Json) -> Json:
    """What is held by name becomes a cell each: {"probabilities": {"yes": 0.9}} → {"probabilities yes": 0.9}."""
    row: Json = {}
    for name, value in answer.items():
        row |= {f"{name} {key}": part for key, part in value.items()} if isinstance(value, dict) else {name: value}
    return row


@cache
def kinds() -> tuple[str, ...]:
    """Every kind that there is a file for."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_")))


def class_of(kind: Any) -> type[Answer]:
    """The class of a kind.

    Raises:
        ValueError: If there is none.
    """
    require(isinstance(kind, str) and kind in kinds(), f"one of {', '.join(kinds())} for 'answer'", kind)
    return import_module(f"{__name__}.{kind}").Answer


def answer_of(schema: Json, labels: list[str] | None, encoder: Any) -> Answer:
    """What decodes the outputs of a model."""
    return class_of(schema["answer"])(schema, labels, encoder)
