"""Greedy decoding: always the likeliest next token, for many sequences at once; and what must not be written.

    tokens, log_p = greedy(model.step, model.encode(source), start=1, end=2)

It costs one sequence each, never looks back, and can miss a likelier whole: see `beam.py`.
"""

from typing import Any

import torch
from torch import Tensor

from deepglass.core.errors import OptionError
from deepglass.models.decoding.beam import Step, rows_of

PADDING = 0


@torch.no_grad()
def greedy(step: Step, state: Any, start: int, end: int, max_length: int = 50) -> tuple[Tensor, Tensor]:
    """The likeliest token, again and again, until each sequence has ended.

    Args:
        step: The model: the last token of N beginnings and their state → logits of the next token, the new state.
        state: Before the first token: tensors with a row for each sequence, in tuples, lists or dicts.
        start: Token that every sequence begins with.
        end: Token that ends it.
        max_length: Tokens after which a sequence is taken as it is, the end included.

    Returns:
        Tokens without the start, padded with 0 behind their ends, and the mean of log p per token.

    Shape:
        - output: (N, T) int64 and (N,), T ≤ max_length

    Raises:
        OptionError: If `max_length` is below 1.
    """
    if max_length < 1:
        raise OptionError(f"max_length: expected 1 or more, got {max_length}")
    count, device = rows_of(state)
    last = torch.full((count,), start, device=device)
    is_done = torch.zeros(count, dtype=torch.bool, device=device)
    total, length, written = torch.zeros(count, device=device), torch.zeros(count, device=device), []
    for _ in range(max_length):
        logits, state = step(last, state)
        best, last = logits.float().log_softmax(dim=1).max(dim=1)
        last = last.masked_fill(is_done, PADDING)
        total, length = total + best.masked_fill(is_done, 0.0), length + (~is_done).float()
        written.append(last)
        is_done = is_done | (last == end)
        if bool(is_done.all()):
            break
    return torch.stack(written, dim=1), total / length


def forbidding(step: Step, never: Tensor, never_first: Tensor, start: int) -> Step:
    """The same model, with tokens that it must not write: padding and the like, and at the beginning the end.

    Args:
        step: The model.
        never: (V,) bool, True at tokens that no sequence has.
        never_first: (V,) bool, True at those that none begins with: so no sequence is empty.
        start: Token that every sequence begins with.
    """

    def allowed(tokens: Tensor, state: Any) -> tuple[Tensor, Any]:
        logits, state = step(tokens, state)
        is_forbidden = never | (never_first & (tokens == start).unsqueeze(1))  # (N, V)
        return logits.float().masked_fill(is_forbidden, -torch.inf), state

    return allowed
