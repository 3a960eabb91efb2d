"""Of texts: typing errors, lost words, capitals. They are made in the text itself, which is then read anew."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from deepglass.audit.corruptions import SHARES, Inputs
from deepglass.data.fields.text import trimmed

CORRUPTIONS = {
    "typos": "typing errors",
    "dropped": "words are missing",
    "capitals": "written in capitals",
}


def typos(texts: list[str], severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """In a share of the words one letter is swapped with the next, left out, or written twice."""
    return _read(texts, severity, random, field, _mistyped)


def dropped(texts: list[str], severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """A share of the words is left out."""
    return _read(texts, severity, random, field, lambda word, random: "")


def capitals(texts: list[str], severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """A share of the words is shouted."""
    return _read(texts, severity, random, field, lambda word, random: word.upper())


def _read(
    texts: list[str], severity: int, random: np.random.Generator, field: Any, change: Callable[..., str]
) -> Inputs:
    """The texts with a share of their words changed, as tokens (n, T)."""
    share = SHARES[severity - 1]
    found = []
    for text in texts:
        words = text.split(" ")
        is_hit = random.random(len(words)) < share
        changed = (change(word, random) if hit and word else word for word, hit in zip(words, is_hit, strict=True))
        found.append(" ".join(changed))
    return trimmed((torch.from_numpy(field.vocabulary.encode(found)),))


def _mistyped(word: str, random: np.random.Generator) -> str:
    if len(word) < 2:
        return word
    place, kind = int(random.integers(len(word) - 1)), int(random.integers(3))
    if kind == 0:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + (word[place] * 2 if kind == 1 else "") + word[place + 1 :]
