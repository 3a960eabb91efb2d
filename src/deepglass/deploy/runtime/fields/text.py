"""A text: (B, T) token ids, made by `texts.py`. One to classify is padded with an id, one to continue with -1."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..errors import BodyError
from ..limits import Limits
from ..state import require_between
from ..token_forms import require_tokens
from . import Cut, Input, Json, Tensors
from . import Field as Base

MOST_TOKENS = 1 << 20  # of a model that anybody could mean
MAX_WORDS = 60  # of a text that is explained; the first ones
MAX_CHARACTERS = 20_000  # of it, of which every variant has all but a word; more than a model reads
TABLES = (".csv", ".tsv", ".json")
TEXT: Json = {"type": "string"}


@dataclass(frozen=True)
class Description(Input):
    """How many tokens the graph takes, what fills up shorter texts, and the id with which an empty one begins."""

    min_length: int = 0
    max_length: int = 0
    start: int = 0


class Field(Base):
    """A text, or an object with one under the name of the input."""

    Description = Description
    LIMITS: ClassVar[dict[str, int]] = {"text_characters": 1_000_000}
    FORMS = ("text/plain", "text/csv")
    PARTS = "words"
    HIDDEN_IS = "a text without these words"
    EXAMPLE = ("'a text'", '"a text"')

    @property
    def is_continued(self) -> bool:
        """Whether the model goes on from its end, so that no id is free to fill it up."""
        return self.described["padding"] < 0

    def require(self) -> Description:
        one = super().require()
        require_between(one.max_length, 1, MOST_TOKENS, "the length of texts")
        require_between(one.min_length, 0, one.max_length, "the least length of texts")
        return one

    def require_model(self, tokens: Any) -> None:
        require_tokens(tokens, MOST_TOKENS)

    def encoder(self, tokens: Json, limits: Limits | None) -> Any:
        from ..texts import Prompts, Texts

        most = self.schema["limits"]["text_characters"]
        longest = min(most, limits.max_characters) if limits else most
        return (Prompts if self.is_continued else Texts)(self.described, tokens, longest, limits and limits.max_tokens)

    def packages(self, tokens: Json) -> tuple[str, ...]:
        return ("tokenizers",) if "definition" in tokens.get("tokens", tokens) else ()

    def from_json(self, record: Any, row: int) -> Any:
        return record if isinstance(record, str) else super().from_json(record, row)

    def from_argument(self, argument: str, read_table: Callable[[Path], list[Any]]) -> list[Any]:
        """A table of texts, a file that holds one, or the text itself."""
        path = Path(argument)
        if path.suffix.lower() in TABLES:
            return read_table(path)
        return [path.read_text(encoding="utf-8-sig") if _is_file(path) else argument]

    def typical(self) -> str:
        return "a text"

    def cell_schema(self, is_open: bool) -> Json:
        return TEXT

    def record_schema(self, is_open: bool) -> Json:
        return {"anyOf": [super().record_schema(is_open), TEXT]}

    def check_shape(self, shape: list[int], limits: Limits) -> None:
        """Hold the length of texts to what the model takes, and all of them to what the server allows.

        Raises:
            BodyError: 422 if there are too many tokens.
        """
        name, (rows, length) = self.described["tensor"], shape
        longest, most = self.described["max_length"], limits.max_tokens
        if length > longest:
            raise BodyError(f"{name}: {length:,} tokens, the model takes at most {longest:,}", 422, name)
        if rows * length > most:
            raise BodyError(f"{name}: {rows * length:,} tokens, at most {most:,}: send several requests", 422, name)

    def fitted(self, tensors: Tensors, encoder: Any) -> Tensors:
        """Token ids that the model knows.

        Raises:
            BodyError: 422 if one is none of its own.
        """
        name, most = self.described["tensor"], encoder.vocab_size
        ids = tensors[name]
        if not ((ids == self.described["padding"]) | ((ids >= 0) & (ids < most))).all():
            raise BodyError(f"{name}: expected ids from 0 to {most - 1:,}, got others", 422, name)
        return tensors

    def length(self, array: np.ndarray) -> int:
        return array.shape[1] if array.ndim > 1 else 1

    def lane(self, array: np.ndarray) -> tuple[int, ...]:
        """Texts to classify need only be of similar length: within a power of two at most half of a row is padding."""
        return super().lane(array) if self.is_continued else ((array.shape[1] - 1).bit_length(),)

    def joined(self, arrays: list[np.ndarray]) -> np.ndarray:
        longest, padding = max(array.shape[1] for array in arrays), self.described["padding"]
        widths = [((0, 0), (0, longest - array.shape[1])) for array in arrays]
        return np.concatenate(
            [np.pad(array, width, constant_values=padding) for array, width in zip(arrays, widths, strict=True)]
        )

    def watched(self, array: np.ndarray, column: int) -> np.ndarray:
        """The length of each in tokens; or the tokens themselves, where training kept their shares."""
        is_token = array != self.described["padding"]
        counts_tokens = "shares" in (self.described.get("statistics") or {})
        return array[is_token].astype(str) if counts_tokens else is_token.sum(axis=1).astype(float)

    def cut(self, record: Any, tensors: Tensors) -> Cut:
        """A hidden word is left out; those beyond the first ones stay."""
        text = (record if isinstance(record, str) else record[self.name])[:MAX_CHARACTERS]
        words = text.split()
        parts = [{"word": word} for word in words[:MAX_WORDS]]

        def keep(present: np.ndarray) -> str:
            if present.all():
                return text
            return " ".join([*(w for w, there in zip(words, present) if there), *words[len(parts) :]])

        return Cut(text, parts, keep)

    def form(self) -> Json:
        return {"ask": "text", "value": "Once" if self.is_continued else ""}


def _is_file(path: Path) -> bool:
    """Whether there is such a file; a long text is not a path at all."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
