"""What the description of tokens must say, by the kind of token; `texts.py` says what each part means."""

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .state import build, read, require, require_between
from .word_forms import NONE, form_of

LONGEST_PIECE = 1 << 10  # characters


@dataclass(frozen=True)
class Words:
    """Tokens that are words."""

    MAY_HAVE_MORE: ClassVar[bool] = True  # later versions may say more

    pattern: str
    words: list[str]
    pieces: list[str] = field(default_factory=list)
    max_words: int | None = None
    lengths: tuple[int, int] = (1, 1)
    normalise: str = NONE


def require_tokens(tokens: Any, most: int) -> None:
    """Check how texts become numbers.

    Args:
        tokens: The description.
        most: Tokens of one text.

    Raises:
        ValueError: If a part is missing or does not fit.
    """
    if (kind := read(tokens, "kind", str)) == "words":
        found = build(Words, tokens)
        re.compile(found.pattern)
        form_of(found.normalise)
        require_between(found.lengths[0], 1, found.lengths[1], "the length of pieces")
        require_between(found.lengths[1], 1, LONGEST_PIECE, "the length of pieces")
    elif kind == "ended":
        require(read(tokens, "tokens", dict[str, Any]).get("kind") != "ended", "tokens of another kind")
        require_tokens(tokens["tokens"], most)
        require_between(read(tokens, "end", int), 0, read(tokens, "shift", int) - 1, "the id of the end")
        read(tokens, "before", str)
    elif kind == "spaced-words":
        re.compile(read(tokens, "pattern", str))
        read(tokens, "words", list[str])
    elif kind == "characters":
        require(bool(read(tokens, "characters", str)), "characters")
    elif kind == "separated":
        require(bool(read(tokens, "events", list[str])), "events")
        require(bool(read(tokens, "separator", str)), "a separator")
    else:
        read(tokens, "definition", str)
        read(tokens, "shift", int, 0)
        require_between(read(tokens, "max_length", int | None, None) or 1, 1, most, "the length of texts")
