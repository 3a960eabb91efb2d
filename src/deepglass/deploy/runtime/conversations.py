"""Conversations → token ids (B, T): messages with roles, or a text that a user says, by the chat template.

{"messages": [{"role": "user", "content": "hi"}]}    or    "hi"
"""

from dataclasses import dataclass
from typing import Any

from .chat_template import ROLES, ChatTemplate
from .errors import InputError
from .texts import Prompts

MOST_TURNS = 10_000  # of a conversation; more than any model sees


@dataclass(frozen=True)
class Conversation:
    """Turns that were looked at, as long as their characters."""

    turns: tuple[tuple[str, str], ...]

    def __len__(self) -> int:
        return sum(len(text) for _, text in self.turns)


class Conversations(Prompts):
    """What is read before an answer; where a conversation is longer than the context, its oldest turns are dropped."""

    def __init__(self, described: dict[str, Any], *more: Any):
        super().__init__(described, *more)
        self.template = ChatTemplate(described["marks"], described["max_length"])

    def ids(self, text: Any, number: int) -> list[int]:
        return self.prompt(text, number)[0]

    def prompt(self, conversation: Conversation, number: int = 1) -> tuple[list[int], int]:
        """The ids, and how many of the oldest turns were dropped.

        Raises:
            InputError: If a text is not of whole characters.
        """
        try:
            return self.template.prompt([(role, self.ids_of(text)) for role, text in conversation.turns])
        except UnicodeEncodeError:
            message = "has half of a surrogate pair (U+D800 to U+DFFF alone): send whole characters"
            raise InputError(self.described["name"], message, number) from None

    def _text(self, record: Any, number: int) -> Any:
        name = self.described["name"]
        given = record.get(name) if isinstance(record, dict) else record
        if isinstance(given, str):
            given = [{"role": "user", "content": given}]
        if not isinstance(given, list) or not 0 < len(given) <= MOST_TURNS:
            raise InputError(name, f"expected a text, or a list of 1 to {MOST_TURNS:,} messages", number)
        found = Conversation(tuple(self._turn(message, number) for message in given))
        if len(found) > self.max_characters:
            raise InputError(name, f"{len(found):,} characters, expected at most {self.max_characters:,}", number)
        if not any(role == "user" and text.strip() for role, text in found.turns):
            raise InputError(name, "no message of a user to be answered: send one", number)
        return found

    def _turn(self, message: Any, number: int) -> tuple[str, str]:
        name = self.described["name"]
        if not isinstance(message, dict):
            raise InputError(name, "expected messages such as {'role': 'user', 'content': 'hi'}", number)
        role, text = message.get("role"), message.get("content")
        role = "system" if role == "developer" else role
        if role not in ROLES:
            raise InputError(name, f"the role is {str(role)[:40]!r}, expected {', '.join(ROLES)}", number)
        if isinstance(text, list) and all(isinstance(p, dict) and isinstance(p.get("text"), str) for p in text):
            text = "".join(part["text"] for part in text)
        if not isinstance(text, str):
            raise InputError(name, "the content of a message is no text: send text alone", number)
        return role, text.strip()
