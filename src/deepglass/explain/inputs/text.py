"""Words of a text as parts: a hidden one is left out of the text, which is then read anew.

For gradients nothing can be left out: there a hidden word is the one that stands for unknown words.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.core.errors import DataError
from deepglass.data.fields.text import trimmed
from deepglass.data.preprocess.text import WordVocabulary
from deepglass.explain.inputs import Parts as Base

MOST_EXACT = 10  # words whose coalitions are all asked


@dataclass(frozen=True)
class Parts(Base):
    """The words of one text.

    Attributes:
        text: As it was given; spans: where its words are.
        vocabulary: Reads it.
    """

    text: str = ""
    spans: list[tuple[int, int]] = field(default_factory=list)
    vocabulary: Any = None

    kind = "words"
    base_is = "a text without words"
    WALK_IS = "every word unknown"

    @classmethod
    def of(cls, task: Any, inputs: tuple[Tensor, ...], example: dict[str, Any]) -> "Parts":
        """Of a text.

        Raises:
            DataError: If there is no word in it.
        """
        text, vocabulary, (ids,) = example["text"], task.vocabulary, inputs
        text = text if len(text.lower()) == len(text) else text.lower()  # places of words are those of small letters
        owner, spans = places_of(text, ids[0], vocabulary)
        if not spans:
            raise DataError("the text has no words: expected at least one to explain")
        base = torch.where(owner >= 0, vocabulary.unknown, ids)
        names = [text[start:end] for start, end in spans]
        return cls(inputs, (base,), (owner,), names, names, example, None, text, spans, vocabulary)

    @staticmethod
    def usual_method(count: int, is_alone: bool) -> tuple[str, str]:
        """Shapley values."""
        if count <= MOST_EXACT:
            return "shapley", f"a text of {count} words: every coalition can be asked"
        return "kernel-shapley", f"a text of {count} words: too many for every coalition"

    def hidden(self, present: np.ndarray) -> tuple[Tensor, ...]:
        """Texts without some of their words, read as any text."""
        tokens = torch.from_numpy(self.vocabulary.encode([self._without(row) for row in present]))
        return (trimmed((tokens,))[0],)

    def _without(self, present: np.ndarray) -> str:
        kept, place = [], 0
        for (start, end), is_there in zip(self.spans, present, strict=True):
            kept.append(self.text[place : end if is_there else start])
            place = end
        return "".join([*kept, self.text[place:]])


def places_of(text: str, ids: Tensor, vocabulary: Any) -> tuple[Tensor, list[tuple[int, int]]]:
    """(T,) the word of each token, -1 for marks and padding; and where the words that are read lie in the text."""
    owner = torch.full(ids.shape, -1)
    if isinstance(vocabulary, WordVocabulary):
        return _of_words(text, owner, vocabulary)
    found = vocabulary.tokenizer.encode(text)
    spans: list[tuple[int, int]] = []
    for place, (word, span) in enumerate(zip(found.word_ids, found.offsets, strict=True)):
        if word is None or place >= len(owner) or span[0] == span[1]:
            continue
        if spans and spans[-1][1] == span[0] and not text[span[0]].isspace() and _is_inside(text, span[0]):
            spans[-1] = (spans[-1][0], span[1])
        else:
            spans.append(span)
        owner[place] = len(spans) - 1
    return owner, spans


def _is_inside(text: str, place: int) -> bool:
    """Whether a word goes on there."""
    return bool(re.match(r"\w\w", text[place - 1 : place + 1]))


def _of_words(text: str, owner: Tensor, vocabulary: WordVocabulary) -> tuple[Tensor, list[tuple[int, int]]]:
    """A token for each word; pieces of unknown ones, which follow for models beside the network, are nobody's."""
    found = list(vocabulary.pattern.finditer(text.lower()))[: min(vocabulary.max_length, len(owner))]
    owner[: len(found)] = torch.arange(len(found))
    return owner, [match.span() for match in found]
