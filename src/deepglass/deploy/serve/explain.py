"""What an answer hangs on, found by asking again: one part of the input is hidden at a time, all in one batch.

    table     a column takes its typical value
    text      a word is left out
    picture   a square turns grey

Works for every model, costs one batch, and is only a first look: parts that matter together are hidden one by one.

Zeiler & Fergus (2014), Visualizing and Understanding Convolutional Networks, https://arxiv.org/abs/1311.2901
(occlusion); Li et al. (2016), Understanding Neural Networks through Representation Erasure,
https://arxiv.org/abs/1612.08220 (words).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.runtime.pictures import Brightness
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.examples import typical_value

MAX_WORDS = 60  # of a text; the first ones
MAX_CHARACTERS = 20_000  # of a text, of which every variant has all but a word; more than a model reads
GRID = 7  # squares per side


@dataclass
class Variants:
    """The record as it came, then the same with a part hidden each."""

    kind: str  # "columns", "words" or "squares"
    records: list[Any]
    parts: list[dict[str, Any]]  # what was hidden in each record after the first

    def conclude(self, answers: list[dict[str, Any]]) -> dict[str, Any]:
        """How far each part moved the answer: positive where it speaks for it."""
        first, *others = answers
        about = first.get("label", "value")
        changes = [score(first, first) - score(answer, first) for answer in others]
        parts = [part | {"change": change} for part, change in zip(self.parts, changes, strict=True)]
        return {"kind": self.kind, "about": about, "parts": parts}


def score(answer: dict[str, Any], first: dict[str, Any]) -> float:
    """The probability of the label that came first, or the value."""
    return answer["probabilities"][first["label"]] if "label" in first else answer["value"]


def explain(bundle: Bundle, record: Any, max_rows: int) -> Variants:
    """The variants of a record that have to be answered; the first is the record as the model sees it.

    Raises:
        InputError: If the record does not fit the schema.
        RequestError: 422 for tasks that this cannot explain.
    """
    kind = bundle.schema["inputs"][0]["kind"]
    if bundle.schema["answer"] not in ("probabilities", "value"):
        raise RequestError(422, f"{bundle.task} has no explanation here: tables, texts and pictures have", "model")
    hide = {"text": _texts, "image": _pictures}.get(kind, _rows)
    record, variants = hide(bundle, record, bundle.encode([record]))
    variants = list(islice(variants, max_rows - 1))
    name = {"text": "words", "image": "squares"}.get(kind, "columns")
    return Variants(name, [record, *(changed for changed, _ in variants)], [part for _, part in variants])


Hidden = Iterator[tuple[Any, dict[str, Any]]]


def _rows(bundle: Bundle, record: Any, _: Any) -> tuple[Any, Hidden]:
    inputs = bundle.schema["inputs"]
    known = {described["name"]: record[described["name"]] for described in inputs}  # whatever else came with them

    def hidden() -> Hidden:
        for described in inputs:
            name, typical = described["name"], typical_value(described)
            yield known | {name: typical}, {"name": name, "value": known[name], "typical": typical}

    return known, hidden()


def _texts(bundle: Bundle, record: Any, _: Any) -> tuple[Any, Hidden]:
    text = record if isinstance(record, str) else record[bundle.schema["inputs"][0]["name"]]
    words = text[:MAX_CHARACTERS].split()
    variants = (
        (" ".join(words[:place] + words[place + 1 :]), {"word": word}) for place, word in enumerate(words[:MAX_WORDS])
    )
    return text[:MAX_CHARACTERS], variants


def _pictures(bundle: Bundle, record: Any, tensors: dict[str, np.ndarray]) -> tuple[Any, Hidden]:
    picture = tensors[bundle.schema["inputs"][0]["tensor"]][0]  # (H, W, C)
    height, width, _ = picture.shape
    mean = picture.mean(axis=(0, 1))
    mean = mean.round() if picture.dtype == np.uint8 else mean
    rows, columns = (np.linspace(0, size, min(GRID, size) + 1).astype(int) for size in (height, width))

    def hidden() -> Hidden:
        for i in range(len(rows) - 1):
            for j in range(len(columns) - 1):
                variant = picture.copy()
                variant[rows[i] : rows[i + 1], columns[j] : columns[j + 1]] = mean
                yield Brightness(variant), {"row": i, "column": j, "rows": len(rows) - 1, "columns": len(columns) - 1}

    return Brightness(picture), hidden()
