"""Let a language model write: ask for the next token, draw one, append it, ask again.

How a token is drawn (temperature, top-k, top-p, min-p, repetition) is in `core/sampling.py`, which bundles share.
"""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core import effects
from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.core.sampling import Sampling, draw, shares
from deepglass.data.preprocess.text import REPLACEMENT, Tokens
from deepglass.models.decoding import speculative
from deepglass.models.decoding.reader import Reader
from deepglass.models.decoding.speculative import Draft

LONGEST_CHARACTER = 4  # bytes of a character in UTF-8, so at most so many tokens


def generate(
    model: nn.Module,
    tokens: Tokens,
    start: list[int],
    context: int,
    *,
    max_tokens: int = 400,
    temperature: float = 0.8,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    repetition_penalty: float = 1.0,
    seed: int = 0,
    end: int | None = None,
    never: tuple[int, ...] = (),
    draft: Draft | None = None,
) -> Iterator[str]:
    """Continue a text, piece by piece, as soon as each piece is a whole character.

    Args:
        model: tokens (1, T) → logits (1, T, V).
        tokens: What the ids mean.
        start: Ids of the text so far, at least one; the model sees the last `context` of them.
        context: Most tokens that the model can see.
        max_tokens: Tokens to write.
        temperature: 0 always takes the likeliest token; 1 draws as it was learnt.
        top_k: Draw among so many of the likeliest tokens only.
        top_p: Draw among the likeliest tokens that together have this share, in (0, 1].
        min_p: Draw among those that are at least so likely, as a share of the likeliest, in [0, 1].
        repetition_penalty: Weakens tokens that were written before; 1 leaves them as they are.
        seed: The same seed writes the same text.
        end: The token with which a text is over; it is not written.
        never: Tokens that are never drawn.
        draft: A small model that proposes; what is written has the same distribution, in fewer readings.

    Raises:
        OptionError: If a number is out of its range, or could change nothing.
    """
    how = Sampling(temperature, top_k, top_p, min_p, repetition_penalty)
    _check(max_tokens, how)
    if temperature == 0:
        asked = {"top_k": top_k, "top_p": top_p, "min_p": min_p, "seed": seed or None}
        why = "--temperature 0 always takes the likeliest token"
        effects.refuse(
            Unused(name, why, "leave one of the two out") for name, came in asked.items() if came is not None
        )
    return _write(model, tokens, start, context, max_tokens, how, seed, end, never, draft)


def next_probabilities(logits: Tensor, temperature: float, top_k: int | None, top_p: float | None) -> Tensor:
    """Probabilities (V,) from which the next token is drawn, in the precision of the logits (V,)."""
    return torch.from_numpy(shares(logits.numpy(), Sampling(temperature, top_k, top_p))).to(logits.dtype)


def _write(
    model: nn.Module,
    tokens: Tokens,
    start: list[int],
    context: int,
    max_tokens: int,
    how: Sampling,
    seed: int,
    end: int | None,
    never: tuple[int, ...],
    draft: Draft | None,
) -> Iterator[str]:
    generator = np.random.default_rng(seed)
    reader = Reader(model.eval(), context)
    seen, pending = list(start), []
    banned = [*never, *([] if tokens.unknown is None else [tokens.unknown])]

    def allowed(logits: np.ndarray, text: list[int]) -> np.ndarray:
        logits[banned] = -np.inf
        return shares(logits, how, text[len(start) :])

    if draft is None:
        drawn = _one_by_one(reader, seen, allowed, generator)
    else:
        drawn = speculative.tokens_of(reader, draft, seen, allowed, generator)
    before = start[-1]
    for chosen in islice(drawn, max_tokens):
        if chosen == end:
            break
        pending.append(chosen)
        piece = tokens.decode_after(before, pending)
        if not piece.endswith(REPLACEMENT) or len(pending) >= LONGEST_CHARACTER:
            yield piece
            before, pending = chosen, []
    if pending:
        yield tokens.decode_after(before, pending)


def _one_by_one(
    reader: Reader, seen: list[int], allowed: speculative.Shares, generator: np.random.Generator
) -> Iterator[int]:
    while True:
        chosen = draw(allowed(reader.read(seen).numpy(), seen), generator)
        seen.append(chosen)
        yield chosen


def _check(max_tokens: int, how: Sampling) -> None:
    if max_tokens < 0:
        raise OptionError(f"--max-tokens: expected 0 or more, got {max_tokens}")
    if found := how.fault():
        name, message = found
        raise OptionError(f"--{name.replace('_', '-')}: {message}")
