"""Conversations: who said what, in order.

    {"messages": [{"role": "user", "content": "Hi"}, …]}        roles are named: the assistant's turns are learnt
    {"turns": ["Hi", "Hello!", …]}                              two equals: every turn but the first is an answer

Turns of one speaker that follow each other are one; empty ones are left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from deepglass.core.chat_template import ROLES

ALIASES = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user", "prompter": "user", "customer": "user", "question": "user",
    "assistant": "assistant", "gpt": "assistant", "bot": "assistant", "chatbot": "assistant", "model": "assistant",
    "ai": "assistant", "agent": "assistant", "answer": "assistant",
}  # fmt: skip
Said = tuple[str, str]  # role and text


@dataclass(frozen=True)
class Dialogue:
    """One conversation.

    Attributes:
        turns: Role and text of each; between user and assistant they alternate.
        topic: What it is about, where the data say so.
        is_of_equals: Whether nobody is the assistant: then both sides are learnt.
    """

    turns: tuple[Said, ...]
    topic: str = ""
    is_of_equals: bool = False

    @property
    def answers(self) -> int:
        """How many turns answer another one."""
        return sum(role == "assistant" for role, _ in self.turns)

    def told(self) -> list["Dialogue"]:
        """As it is learnt: of two equals once with either as the assistant."""
        other = Dialogue(alternating([text for _, text in self.turns[1:]]), self.topic, True)
        return [self, other] if self.is_of_equals and other.answers else [self]


def of_roles(turns: Iterable[Said], topic: str = "") -> Dialogue:
    """A dialogue whose speakers are named.

    Args:
        turns: Roles, known by any usual name, and texts.

    Raises:
        ValueError: If nobody can tell who somebody is; says what was expected.
    """
    merged: list[Said] = []
    for name, text in turns:
        role = ALIASES.get(name.strip().lower())
        if role is None:
            raise ValueError(f"the role {name[:40]!r} is unknown: expected {', '.join(ROLES)}")
        if not text.strip():
            continue
        if merged and merged[-1][0] == role:
            merged[-1] = role, f"{merged[-1][1]}\n{text.strip()}"
        else:
            merged.append((role, text.strip()))
    return Dialogue(tuple(merged), topic)


def of_equals(texts: Iterable[str], topic: str = "") -> Dialogue:
    """A dialogue of two who speak in turn."""
    return Dialogue(alternating([text.strip() for text in texts if text.strip()]), topic, True)


def alternating(texts: list[str]) -> tuple[Said, ...]:
    """The first asks, the second answers, and so on."""
    return tuple((ROLES[1 + i % 2], text) for i, text in enumerate(texts))
