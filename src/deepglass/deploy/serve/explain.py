"""What an answer hangs on, found by asking again with parts of the input hidden, all in one batch.

    table     a hidden column takes its typical value
    text      a hidden word is left out
    picture   a hidden square takes the mean colour

What is hidden of a kind of input, its file in `runtime/fields/` says. What is asked, and what is concluded from the
scores, is that of `deepglass explain`: the methods of `explain/methods/` that need nothing but scores (ASKS_SCORES)
and no PyTorch. Gradients and layers are not in an exported model, nor is what other methods need of the training.

The usual method is occlusion, one question per part: a first look, for parts that matter together are hidden one by
one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.core import catalogue
from deepglass.deploy.runtime.answers import Answer
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.serve.errors import RequestError
from deepglass.explain import FOLDER

USUAL = "occlusion"
SAMPLES = 500  # questions of a method that draws, where nobody asks for more or fewer
PARAMETERS = ("method", "samples", "seed")
LARGEST = 2**31 - 1


def methods() -> list[str]:
    """Those that need nothing but scores, the usual one first."""
    found = [file for file in catalogue.entries(FOLDER) if catalogue.constant(FOLDER, file, "ASKS_SCORES", False)]
    return sorted((file.replace("_", "-") for file in found), key=lambda name: (name != USUAL, name))


@dataclass(frozen=True)
class Asked:
    """How a request wants its answer explained."""

    method: str = USUAL
    samples: int | None = None
    seed: int = 0

    @classmethod
    def of(cls, query: dict[str, str]) -> "Asked":
        """From the parameters of an address.

        Raises:
            RequestError: 422 if one is unknown, or changes nothing; names the parameter.
        """
        method = query.get("method", USUAL)
        if method not in methods():
            raise RequestError(422, f"expected a method of {', '.join(methods())}, got {method[:40]!r}", "method")
        used = catalogue.constant(FOLDER, method.replace("-", "_"), "USES")
        for name in ("samples", "seed"):
            if name in query and name not in used:
                raise RequestError(422, f"{method} draws nothing and has no use for it: leave it out", name)
        samples = _whole(query, "samples", 1) if "samples" in query else None
        return cls(method, samples, _whole(query, "seed", 0) if "seed" in query else 0)

    @property
    def file(self) -> Any:
        """The method."""
        return catalogue.load(FOLDER, self.method.replace("-", "_"))


def _whole(query: dict[str, str], name: str, least: int) -> int:
    text = query[name]
    if not (text.isascii() and text.isdigit() and len(text) < 11 and least <= int(text) <= LARGEST):
        raise RequestError(422, f"expected a whole number from {least} on, got {text[:20]!r}", name)
    return int(text)


@dataclass
class Variants:
    """The record as it came, with nothing of it there, and whatever else the method asks."""

    kind: str  # of the parts: "columns", "words" or "squares"
    hidden_is: str  # what is there where they are hidden
    meaning: Answer  # of the answers that they get
    records: list[Any]
    parts: list[dict[str, Any]]
    asked: Asked
    present: np.ndarray  # (n, M) which parts are there in each question
    places: np.ndarray  # (n,) the record that answers it

    def conclude(self, answers: list[dict[str, Any]]) -> dict[str, Any]:
        """How far each part moved the answer: positive where it speaks for it."""
        first, score = answers[0], self.meaning.score
        scores = np.array([score(answer, first) for answer in answers], np.float64)
        about = {"kind": self.kind, "about": self.meaning.about(first), "method": self.asked.method}
        ends = {"score": float(scores[0]), "base": float(scores[1]), "base_is": self.hidden_is}
        parts = self._moved(scores[self.places]) if self.parts else []
        return about | ends | {"title": self.asked.file.TITLE, "parts": parts}

    def _moved(self, scores: np.ndarray) -> list[dict[str, Any]]:
        values, low, high = self.asked.file.concluded(self.present, scores, self.asked.seed)
        found = [part | {"change": float(value)} for part, value in zip(self.parts, values, strict=True)]
        if low is None:
            return found
        return [part | {"low": float(a), "high": float(b)} for part, a, b in zip(found, low, high, strict=True)]


def can_explain(bundle: Bundle) -> bool:
    """Whether parts of its input can be hidden, and its answers be compared."""
    return bundle.lead.PARTS is not None and bundle.answers.CAN_EXPLAIN


def explain(bundle: Bundle, record: Any, max_rows: int, asked: Asked = Asked()) -> Variants:
    """The variants of a record that have to be answered; the first is the record as the model sees it.

    Raises:
        InputError: If the record does not fit the schema.
        RequestError: 422 for tasks that this cannot explain, and for more questions than a request may have.
    """
    if not can_explain(bundle):
        raise RequestError(422, f"{bundle.task} has no explanation here: tables, texts and pictures have", "model")
    cut = bundle.lead.cut(record, bundle.encode([record]))
    count = len(cut.parts)
    if asked.method == USUAL:
        count = min(count, max(0, max_rows - 2))  # the first ones; the others stay
    present = _questions(asked, count, max_rows)
    whole = np.ones(count, bool)
    rows, places = (
        _distinct(np.concatenate([[whole, ~whole], present])) if count else ([whole, whole], np.zeros(2, int))
    )
    if len(rows) > max_rows:
        raise RequestError(422, _too_many(asked, len(rows), max_rows), "method")
    others = np.ones(len(cut.parts) - count, bool)
    records = [cut.record, *(cut.keep(np.append(row, others)) for row in rows[1:])]
    facts = (str(bundle.lead.PARTS), bundle.lead.HIDDEN_IS, bundle.answers)
    return Variants(*facts, records, cut.parts[:count], asked, present, places[2:])


def _questions(asked: Asked, count: int, max_rows: int) -> np.ndarray:
    """(n, M) which parts are there. Raises RequestError if there are too many to count."""
    if not count:
        return np.zeros((0, 0), bool)
    most = getattr(asked.file, "MOST_PARTS", count)
    if count > most:
        message = f"{asked.method} asks for every coalition of at most {most} parts, and there are {count}"
        raise RequestError(422, f"{message}: use kernel-shapley", "method")
    if asked.samples is not None and asked.samples > max_rows:
        raise RequestError(
            422, f"expected at most {max_rows:,}, the rows of a request, got {asked.samples:,}", "samples"
        )
    return asked.file.questions(count, asked.samples or min(SAMPLES, max_rows - 2), asked.seed)


def _too_many(asked: Asked, count: int, most: int) -> str:
    return (
        f"{asked.method} asks {count:,} questions here, and a request may have {most:,}: use {USUAL}, or fewer samples"
    )


def _distinct(present: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Rows without repetition, in the order in which they come; (n,) where each is among them."""
    seen: dict[bytes, int] = {}
    rows: list[np.ndarray] = []
    places = []
    for row in present:
        place = seen.setdefault(row.tobytes(), len(rows))
        if place == len(rows):
            rows.append(row)
        places.append(place)
    return rows, np.array(places)
