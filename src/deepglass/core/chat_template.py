"""The chat template: the turns of a conversation as one row of tokens, which a language model can go on with.

    [user] my name is Ada [end] [assistant] hello, Ada! [end] [user] what is my name? [end] [assistant] …

The marks in brackets are tokens of single bytes that UTF-8 never uses (RFC 3629 ends at 0xF4). A tokenizer of byte
pairs has one for every byte, so nothing has to be added to a model that was trained on running text; and no text that
anybody types can spell one: "[end]" typed by a user is five letters in brackets.

A model sees so many tokens and no more. Where a conversation is longer, its oldest turns are dropped, whole; what the
system said stays.

NumPy is not needed here, and the standard library alone: this very file is a part of `deploy/runtime` too.

References:
    OpenAI (2023), Chat Markup Language (roles, and marks that are no text)
    Yergeau (2003), UTF-8, a transformation format of ISO 10646, https://www.rfc-editor.org/rfc/rfc3629
"""

from collections.abc import Sequence

ROLES = ("system", "user", "assistant")
END = "end"
BYTES = {"system": 0xF8, "user": 0xF9, "assistant": 0xFA, END: 0xFB}  # of each mark
SHARE_OF_ANSWER = 4  # the part of the context that is kept free for an answer: one in four
Turns = Sequence[tuple[str, Sequence[int]]]  # role, and the ids of what was said


class ChatTemplate:
    """Turns → ids.

    Args:
        marks: The id of every role's mark, and of the end of a turn.
        context: Most tokens that the model sees.

    Example:
        >>> template = ChatTemplate({"system": 90, "user": 91, "assistant": 92, "end": 93}, context=16)
        >>> template.prompt([("user", [5, 6])])
        ([91, 5, 6, 93, 92], 0)
    """

    def __init__(self, marks: dict[str, int], context: int):
        self.marks, self.context = marks, context
        self.end = marks[END]

    def turn(self, role: str, ids: Sequence[int]) -> list[int]:
        """One turn between its marks."""
        return [self.marks[role], *ids, self.end]

    def prompt(self, turns: Turns) -> tuple[list[int], int]:
        """What is read before an answer, with room left for it; and how many of the oldest turns were dropped."""
        room = self.context - max(1, self.context // SHARE_OF_ANSWER) - 1  # one for the mark of the answer
        rows = [self.turn(role, ids) for role, ids in turns]
        dropped = self.dropped([role for role, _ in turns], [len(row) for row in rows], room)
        kept = [row for i, row in enumerate(rows) if i not in dropped]
        ids = [token for row in kept for token in row]
        if len(ids) > room:  # a single turn: its end is what is answered
            ids = [ids[0], *ids[len(ids) - room + 1 :]]
        return [*ids, self.marks["assistant"]], len(dropped)

    def dropped(self, roles: Sequence[str], lengths: Sequence[int], room: int) -> set[int]:
        """Which turns are left out so that the others fit: from the oldest on, never the last, nor the system's."""
        out: set[int] = set()
        total = sum(lengths)
        for is_system in (False, True):  # its words go last
            for i, role in enumerate(roles[:-1]):
                if total > room and i not in out and (role == "system") == is_system:
                    out.add(i)
                    total -= lengths[i]
        return out
