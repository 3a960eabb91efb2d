"""A sentence, written token by token: the graph says sentence (B, T, V), log p of what follows each place.

`schema["writing"]` says with which id a sentence begins and ends, how many tokens it may have, which ids it never has
or begins with, and how many places the graph has for what was written so far, 0 where that is open. Labels say what
each id spells, a character for each byte.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from ..state import build, require, require_between
from . import NUMBER, Json
from . import Answer as Base

PREFIX, PADDING, END = "prefix", 0, 2
FEWEST = 2  # places of what was written
MOST = 1 << 20  # tokens of a sentence that anybody could mean
Tensors = dict[str, np.ndarray]


@dataclass(frozen=True)
class Writing:
    """How a sentence is written."""

    MAY_HAVE_MORE: ClassVar[bool] = True  # later versions may say more

    begin: int
    end: int
    max_length: int
    width: int = 0
    never: list[int] = field(default_factory=list)
    never_first: list[int] = field(default_factory=list)


class Answer(Base):
    """The sentence that greedy decoding finds, and how probable its tokens were, on geometric average."""

    @classmethod
    def require(cls, shape: list[int], labels: Any) -> None:
        is_spelled = isinstance(labels, list) and all(isinstance(one, str) for one in labels)
        require(is_spelled and (shape[-1] < 0 or len(labels) == shape[-1]), "what each token spells, for all of them")

    def computed(self, tensors: Tensors, compute: Callable[[Tensors], Tensors]) -> Tensors:
        """(B, T, 2) the id of every token and its log p; where a prefix is given, what follows it alone."""
        if PREFIX in tensors:
            return compute(tensors)
        how = self._writing()
        most, count = how.max_length, len(next(iter(tensors.values())))
        written, log_p = np.full((count, 1), how.begin, np.int64), np.zeros((count, most))
        is_done = np.zeros(count, bool)
        while written.shape[1] <= most and not is_done.all():
            length = written.shape[1]
            places = how.width or max(FEWEST, length)
            prefix = np.pad(written, ((0, 0), (0, places - length)), constant_values=PADDING)
            said = compute(tensors | {PREFIX: prefix})[self.name][:, length - 1].astype(np.float64)  # (B, V)
            said[:, how.never + (how.never_first if length == 1 else [])] = -np.inf
            said -= np.log(np.exp(said).sum(axis=1, keepdims=True))
            following = np.where(is_done, PADDING, said.argmax(axis=1))
            log_p[:, length - 1] = np.where(is_done, 0.0, said.max(axis=1))
            written = np.concatenate([written, following[:, None]], axis=1)
            is_done |= following == how.end
        ids = np.pad(written[:, 1:], ((0, 0), (0, most + 1 - written.shape[1])), constant_values=PADDING)
        return {self.name: np.stack([ids, log_p], axis=2)}

    def one(self, parts: Tensors) -> Json:
        ids, log_p = parts[self.name].T
        spelled = []
        for i in ids.astype(np.int64).tolist():
            if i == END:
                break
            spelled.append(self.labels[i].encode("latin-1"))
        text = b"".join(spelled).decode("utf-8", "replace").strip()
        count = max(1, int((ids.astype(np.int64) != PADDING).sum()))
        return {"sentence": text, "token_probability": float(np.exp(log_p.sum() / count))}

    def json_schema(self) -> Json:
        properties = {"sentence": {"type": "string"}, "token_probability": NUMBER}
        return {"type": "object", "properties": properties, "required": [*properties]}

    def width(self, shape: list[int]) -> int:
        return 2

    def shown(self) -> Json:
        return {"before": "It writes:", "said": "sentence"}

    def _writing(self) -> Writing:
        found: Writing = build(Writing, self.schema.get("writing"))
        require_between(found.max_length, 1, MOST, "the length of sentences")
        require(not found.width or found.width >= found.max_length, "places for a whole sentence", found.width)
        return found
