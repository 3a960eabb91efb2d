"""Let an exported model answer: ask for the next token, draw one, append it, ask again, until the turn is over.

    bundle = Bundle.open("bundle/")
    "".join(reply(bundle, [{"role": "user", "content": "hello"}]))

The graph sees the whole conversation at every token; models of this size can afford it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .sampling import Sampling, draw, shares

OUTPUT = "next_probabilities"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
USUAL = Sampling()
LONGEST_CHARACTER = 4  # bytes of a character in UTF-8, so at most so many tokens


def can_talk(bundle: Any) -> bool:
    """Whether a model takes conversations and says what comes next."""
    return bundle.schema["answer"] == OUTPUT and "marks" in bundle.lead.described


@dataclass
class Talk:
    """An answer that grows.

    Args:
        encoder: Of the model's conversations.
        seen: Ids that are read before the answer; what is answered is appended.
        how: Tokens are drawn.
        most: Tokens to answer.
        seed: The same seed says the same.
        stop: Texts with which an answer ends; they are not said.
    """

    encoder: Any
    seen: list[int]
    how: Sampling
    most: int
    seed: int = 0
    stop: tuple[str, ...] = ()
    text: str = ""
    finish: str | None = None  # "stop" at its end, "length" where there was no room left
    written: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        template = self.encoder.template
        self.generator = np.random.default_rng(self.seed)
        self.never = [i for name, i in template.marks.items() if i != template.end]
        self.room = max(1, min(self.most, template.context - len(self.seen)))
        self.said = 0  # characters of the text that were given away

    def take(self, probabilities: np.ndarray) -> str:
        """Draw the next token; returns the text that is certain by now."""
        with np.errstate(divide="ignore"):
            logits = np.log(probabilities.astype(np.float64))
        logits[self.never] = -np.inf
        chosen = draw(shares(logits, self.how, self.written), self.generator)
        if chosen == self.encoder.template.end:
            self.finish = "stop"
            return self._certain()
        self.seen.append(chosen)
        self.written.append(chosen)
        self.text = self.encoder.spelled(self.written)
        places = [place for word in self.stop if (place := self.text.find(word)) >= 0]
        if places:
            self.text, self.finish = self.text[: min(places)], "stop"
        elif len(self.written) >= self.room:
            self.finish = "length"
        return self._certain()

    def _certain(self) -> str:
        """What no later token changes: whole characters, and none that may begin a stop."""
        end = len(self.text)
        if self.finish is None:
            while end and self.text[end - 1] == REPLACEMENT and len(self.text) - end < LONGEST_CHARACTER:
                end -= 1
            held = [n for word in self.stop for n in range(1, len(word)) if self.text[:end].endswith(word[:n])]
            end -= max(held, default=0)
        piece, self.said = self.text[self.said : end], max(self.said, end)
        return piece


def reply(bundle: Any, messages: Any, how: Sampling = USUAL, most: int = 400, seed: int = 0) -> Iterator[str]:
    """What an exported model answers, piece by piece.

    Args:
        bundle: That can talk.
        messages: With role and content each, or a text that a user says.
        how: Tokens are drawn.
        most: Tokens to answer.
        seed: The same seed says the same.

    Raises:
        InputError: If the messages are none.
    """
    encoder, tensor = bundle.encoder, bundle.lead.described["tensor"]
    found = encoder.inspect([{bundle.lead.name: messages}]).texts[0]
    talk = Talk(encoder, encoder.prompt(found)[0], how, most, seed)
    while talk.finish is None:
        given = encoder.padded([talk.seen])
        yield talk.take(bundle.run({tensor: given[tensor]}, [OUTPUT])[OUTPUT][0])
