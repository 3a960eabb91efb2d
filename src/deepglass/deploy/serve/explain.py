"""What an answer hangs on, found by asking again: one part of the input is hidden at a time, all in one batch.

    table     a column takes its typical value
    text      a word is left out
    picture   a square turns grey

What is hidden of a kind of input, its file in `runtime/fields/` says. It costs one batch and is only a first look:
parts that matter together are hidden one by one.

Zeiler & Fergus (2014), Visualizing and Understanding Convolutional Networks, https://arxiv.org/abs/1311.2901
(occlusion); Li et al. (2016), Understanding Neural Networks through Representation Erasure,
https://arxiv.org/abs/1612.08220 (words).
"""

from dataclasses import dataclass
from itertools import islice
from typing import Any

from deepglass.deploy.runtime.answers import Answer
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.serve.errors import RequestError


@dataclass
class Variants:
    """The record as it came, then the same with a part hidden each."""

    kind: str  # of the parts: "columns", "words" or "squares"
    meaning: Answer  # of the answers that they get
    records: list[Any]
    parts: list[dict[str, Any]]  # what was hidden in each record after the first

    def conclude(self, answers: list[dict[str, Any]]) -> dict[str, Any]:
        """How far each part moved the answer: positive where it speaks for it."""
        first, *others = answers
        score = self.meaning.score
        changes = [score(first, first) - score(answer, first) for answer in others]
        parts = [part | {"change": change} for part, change in zip(self.parts, changes, strict=True)]
        return {"kind": self.kind, "about": self.meaning.about(first), "parts": parts}


def can_explain(bundle: Bundle) -> bool:
    """Whether parts of its input can be hidden, and its answers be compared."""
    return bundle.lead.PARTS is not None and bundle.answers.CAN_EXPLAIN


def explain(bundle: Bundle, record: Any, max_rows: int) -> Variants:
    """The variants of a record that have to be answered; the first is the record as the model sees it.

    Raises:
        InputError: If the record does not fit the schema.
        RequestError: 422 for tasks that this cannot explain.
    """
    if not can_explain(bundle):
        raise RequestError(422, f"{bundle.task} has no explanation here: tables, texts and pictures have", "model")
    record, hidden = bundle.lead.hidden(record, bundle.encode([record]))
    variants = list(islice(hidden, max_rows - 1))
    records = [record, *(changed for changed, _ in variants)]
    return Variants(str(bundle.lead.PARTS), bundle.answers, records, [part for _, part in variants])
