"""Beam search: write a sequence token by token, keeping the few best beginnings instead of the single best.

    best = beam_search(model.step, model.encode(source), start=1, end=2, width=4)[0]
    best.tokens  # [7, 4, 12]

Graves (2012), Sequence Transduction with Recurrent Neural Networks, https://arxiv.org/abs/1211.3711 (section 2.5);
Wu et al. (2016), Google's Neural Machine Translation System, https://arxiv.org/abs/1609.08144 (section 7, the length
penalty). Width 1 is greedy: always the likeliest next token, never a second thought.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from deepglass.core.errors import OptionError

Step = Callable[[Tensor, Any], tuple[Tensor, Any]]  # tokens (N,), state → logits (N, V), state


class Hypothesis(NamedTuple):
    """A sequence that was found: `tokens` without start and end, its `score`, higher is better, and its log p."""

    tokens: list[int]
    score: float
    log_p: float


@torch.no_grad()
def beam_search(
    step: Step, state: Any, start: int, end: int, width: int = 4, max_length: int = 50, length_penalty: float = 0.6
) -> list[Hypothesis]:
    """The likeliest sequences y that a model writes, best first: score(y) = log p(y) / lp(|y|).

    At every step each of the `width` best beginnings is continued by every token, and of these N·V candidates the
    `width` likeliest are kept. Those that reached the end wait aside; the search stops when no beginning can beat
    the best of them any more. A beam as wide as there are sequences tries them all.

    Args:
        step: The model: the last token of N beginnings and their state → logits of the next token, the new state.
        state: Before the first token: tensors with one row, in tuples, lists or dicts; where a beginning is dropped
            or continued twice, so are its rows.
        start: Token that every sequence begins with.
        end: Token that ends it; it counts in the length.
        width: Beginnings that are kept; 1 is greedy, 4 to 10 are usual.
        max_length: Tokens after which a sequence is taken as it is.
        length_penalty: α of lp, in 0 to 1: 0 prefers short sequences, since every further token costs; 0.6 is the
            paper's.

    Returns:
        At least one, and at most `width` a step.

    Raises:
        OptionError: If a number is out of its range.
    """
    _check(width, max_length, length_penalty)
    live = torch.tensor([[start]], device=rows_of(state)[1])  # (N, 1 + t)
    log_p = torch.zeros(1, device=live.device)  # (N,)
    found: list[Hypothesis] = []
    for length in range(1, max_length + 1):
        logits, state = step(live[:, -1], state)
        candidates = log_p.unsqueeze(1) + logits.float().log_softmax(dim=1)  # (N, V)
        log_p, places = candidates.flatten().topk(min(width, candidates.numel()))
        rows, tokens = places // logits.shape[1], places % logits.shape[1]
        live = torch.cat([live[rows], tokens.unsqueeze(1)], dim=1)

        is_done = (tokens == end) | (length == max_length)
        is_possible = log_p > -torch.inf  # a model may forbid tokens
        found += _finished(live[is_done & is_possible], log_p[is_done & is_possible], end, length_penalty)
        kept = ~is_done & is_possible
        live, log_p, state = live[kept], log_p[kept], select(state, rows[kept])
        if not len(live) or _is_settled(found, log_p, max_length, length_penalty):
            break
    return sorted(found, key=lambda hypothesis: -hypothesis.score)


def length_norm(length: int, length_penalty: float) -> float:
    """lp(y) = ((5 + |y|) / 6)^α, equation 14 of Wu et al.: log p is divided by it, so long sequences may cost more."""
    return ((5 + length) / 6) ** length_penalty


def select(state: Any, rows: Tensor) -> Any:
    """The rows of every tensor in a state of tuples, lists and dicts.

    Raises:
        TypeError: If something else is in it, which would go on as if no beginning had been dropped.
    """
    if isinstance(state, Tensor):
        return state[rows]
    if isinstance(state, dict):
        return {name: select(part, rows) for name, part in state.items()}
    if isinstance(state, tuple) and hasattr(state, "_fields"):  # a NamedTuple
        return type(state)(*(select(part, rows) for part in state))
    if isinstance(state, tuple | list):
        return type(state)(select(part, rows) for part in state)
    raise TypeError(f"the state holds a {type(state).__name__}: expected tensors, in tuples, lists or dicts")


def _finished(sequences: Tensor, log_p: Tensor, end: int, length_penalty: float) -> list[Hypothesis]:
    """Rows (N, 1 + t) that are complete, without their first and, where it is there, their end token."""
    norm = length_norm(sequences.shape[1] - 1, length_penalty)
    texts = [tokens[1:-1] if tokens[-1] == end else tokens[1:] for tokens in sequences.tolist()]
    return [Hypothesis(tokens, p / norm, p) for tokens, p in zip(texts, log_p.tolist(), strict=True)]


def _is_settled(found: list[Hypothesis], log_p: Tensor, max_length: int, length_penalty: float) -> bool:
    """Whether the best live beginning loses even if all its further tokens were certain."""
    best_possible = float(log_p.max()) / length_norm(max_length, length_penalty)
    return any(hypothesis.score >= best_possible for hypothesis in found)


def rows_of(state: Any) -> tuple[int, torch.device | None]:
    """How many rows the first tensor of a state has, and where it lies."""
    if isinstance(state, Tensor):
        return len(state), state.device
    parts = state.values() if isinstance(state, dict) else state if isinstance(state, tuple | list) else ()
    return next((found for part in parts if (found := rows_of(part))[1]), (1, None))


def _check(width: int, max_length: int, length_penalty: float) -> None:
    if width < 1:
        raise OptionError(f"width: expected 1 or more, got {width}; 1 is greedy, 4 is usual")
    if max_length < 1:
        raise OptionError(f"max_length: expected 1 or more, got {max_length}")
    if not 0 <= length_penalty < float("inf"):
        raise OptionError(f"length_penalty: expected 0 or more, got {length_penalty:g}; 0.6 is usual")
