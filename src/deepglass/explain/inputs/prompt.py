"""Tokens of a prompt as parts: a hidden one becomes a blank, and every place stays where it is."""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from deepglass.core.errors import DataError, OptionError
from deepglass.explain.inputs import Parts as Base

BLANK = " "
MOST_TOKENS = 64  # the last ones of a prompt; those before them stay as they are
MOST_EXACT = 10


@dataclass(frozen=True)
class Parts(Base):
    """The tokens before the one that is explained."""

    kind = "tokens"
    base_is = "every token a blank"
    WALK_IS: ClassVar[str | None] = None
    TAKES_TEXT = True

    @classmethod
    def of(cls, task: Any, inputs: tuple[Tensor, ...], example: dict[str, Any]) -> "Parts":
        """Of a prompt.

        Raises:
            DataError: If it is empty.
        """
        (ids,) = inputs
        if not ids.numel():
            raise DataError("the prompt is empty: expected at least one token to explain the next one by")
        first = max(0, ids.shape[1] - MOST_TOKENS)
        owner = torch.arange(ids.shape[1]) - first
        owner[owner < 0] = -1
        blank = task.tokens.encode(BLANK)
        blank_id = int(blank[0]) if len(blank) == 1 else task.inputs.start
        base = torch.where(owner >= 0, blank_id, ids)
        names = [task.tokens.decode([i]) for i in ids[0, first:].tolist()]
        return cls(inputs, (base,), (owner,), names, names, example)

    def base_of_text(self, text: str, task: Any) -> tuple[Tensor, ...]:
        """Another prompt, (1, T).

        Raises:
            OptionError: If it has more or fewer tokens.
        """
        (ids,), other = self.inputs, task.tokens.encode(text)[None]
        if other.shape != ids.shape:
            lengths = f"{other.shape[1]} tokens, and the prompt has {ids.shape[1]}"
            raise OptionError(f"--base {text!r}: it has {lengths}: expected as many, so that each has a counterpart")
        return (other.to(ids.dtype),)

    @staticmethod
    def usual_method(count: int, is_alone: bool) -> tuple[str, str]:
        """Integrated gradients."""
        return "integrated-gradients", "a prompt: contributions of its tokens that add up"
