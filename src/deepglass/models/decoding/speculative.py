"""Speculative decoding: a small model proposes some tokens, a large one reads them all at once and takes what it may.

    x ~ q (small)   taken with probability min(1, p(x) / q(x))   else one is drawn from max(0, p − q), the rest falls

What is written has exactly the distribution p of the large model, however bad the small one is: a token is taken with
probability min(p, q), and what is missing to p is drawn in its place. The small model decides how often the large one
has to read. Without chance (temperature 0) it writes the same text.

References:
    Leviathan, Kalman & Matias (2023), Fast Inference from Transformers via Speculative Decoding,
    https://arxiv.org/abs/2211.17192 (algorithm 1; the proof is in its appendix A.1)
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from torch import nn

from deepglass.core.sampling import draw
from deepglass.models.decoding.reader import Reader

AHEAD = 4  # tokens that are proposed at once; more pay where nearly all of them are taken (section 3.5)
Shares = Callable[[np.ndarray, list[int]], np.ndarray]  # logits (V,) and the text so far → probabilities (V,)


@dataclass
class Draft:
    """A small model that proposes.

    Attributes:
        model: tokens (1, T) → logits (1, T, V), of the same tokens as the large one.
        context: Most tokens that it can see.
        readings: How often the large model has read.
        written: Tokens that were written.
    """

    model: nn.Module
    context: int
    readings: int = 0
    written: int = 0

    def __str__(self) -> str:
        saved = self.written - self.readings
        return f"{self.written:,} tokens in {self.readings:,} readings of the large model: the draft saved {saved:,}"


def tokens_of(
    reader: Reader, draft: Draft, seen: list[int], shares: Shares, generator: np.random.Generator
) -> Iterator[int]:
    """The tokens that follow a text, drawn as the large model would alone; endless.

    Args:
        reader: Of the large model.
        draft: Proposes, and counts.
        seen: The text so far; what is drawn is appended.
        shares: From which a token is drawn.
        generator: Of chance.
    """
    proposing = Reader(draft.model.eval(), draft.context)
    while True:
        ahead = max(0, min(AHEAD, reader.context - len(seen)))  # once the window slides, every place has another one
        proposed, q = _proposed(proposing, seen, shares, generator, ahead)
        logits = reader.read_last([*seen, *proposed], ahead + 1).numpy()  # (ahead + 1, V)
        draft.readings += 1
        taken = _judged(logits, proposed, q, seen, shares, generator)
        reader.back_to(len(seen) + len(taken) - 1)
        proposing.back_to(len(seen) + len(taken) - 1)
        for token in taken:
            seen.append(token)
            draft.written += 1
            yield token


def _proposed(
    reader: Reader, seen: list[int], shares: Shares, generator: np.random.Generator, ahead: int
) -> tuple[list[int], list[np.ndarray]]:
    """Tokens that the small model draws, and the shares from which it drew each."""
    text, found = list(seen), []
    for _ in range(ahead):
        found.append(shares(reader.read(text).numpy(), text))
        text.append(draw(found[-1], generator))
    return text[len(seen) :], found


def _judged(
    logits: np.ndarray,
    proposed: list[int],
    q: list[np.ndarray],
    seen: list[int],
    shares: Shares,
    generator: np.random.Generator,
) -> list[int]:
    """The proposed tokens that are taken, and one that the large model draws behind them."""
    text = list(seen)
    for place, token in enumerate(proposed):
        p = shares(logits[place], text)
        if generator.random() * q[place][token] >= p[token]:
            return [*text[len(seen) :], draw(np.maximum(p - q[place], 0.0), generator)]
        text.append(token)
    return [*text[len(seen) :], draw(shares(logits[len(proposed)], text), generator)]
