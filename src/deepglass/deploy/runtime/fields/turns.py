"""A conversation: (B, T) token ids of the chat template, made by `conversations.py`."""

from dataclasses import dataclass, field
from typing import Any

from ..chat_template import BYTES
from ..limits import Limits
from ..state import require
from . import Cut, Json, Tensors
from . import text as texts

MESSAGE: Json = {
    "type": "object",
    "properties": {"role": {"enum": ["system", "user", "assistant"]}, "content": {"type": "string"}},
    "required": ["role", "content"],
}


@dataclass(frozen=True)
class Description(texts.Description):
    """Also the id of every mark."""

    marks: dict[str, int] = field(default_factory=dict)


class Field(texts.Field):
    """Messages with roles, or a text that a user says."""

    Description = Description
    PARTS = None
    EXAMPLE = ("'hello'", '"hello"')

    def require(self) -> Description:
        one = super().require()
        require(one.marks.keys() == BYTES.keys(), f"marks of {', '.join(BYTES)}", [*one.marks])
        return one  # type: ignore[return-value]

    def encoder(self, tokens: Json, limits: Limits | None) -> Any:
        from ..conversations import Conversations

        most = self.schema["limits"]["text_characters"]
        longest = min(most, limits.max_characters) if limits else most
        return Conversations(self.described, tokens, longest, limits and limits.max_tokens)

    def typical(self) -> str:
        return "hello"

    def cell_schema(self, is_open: bool) -> Json:
        return {"anyOf": [texts.TEXT, {"type": "array", "items": MESSAGE, "minItems": 1}]}

    def cut(self, record: Any, tensors: Tensors) -> Cut:
        """Never asked, for no part of a conversation can be hidden: marks and roles hang together."""
        raise NotImplementedError

    def form(self) -> Json:
        return {"ask": "text", "value": "hello"}
