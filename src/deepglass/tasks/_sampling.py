"""Let a language model write: ask for the next token, draw one, append it, ask again.

Temperature divides the logits (below 1 bolder, above 1 wilder); top-k: Fan, Lewis & Dauphin (2018), Hierarchical
Neural Story Generation, https://arxiv.org/abs/1805.04833; top-p: Holtzman et al. (2020), The Curious Case of Neural
Text Degeneration, https://arxiv.org/abs/1904.09751.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from deepglass.core import effects
from deepglass.core.device import device_of
from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.data.preprocess.text import REPLACEMENT, Tokens

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
    seed: int = 0,
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
        seed: The same seed writes the same text.

    Raises:
        OptionError: If a number is out of its range, or could change nothing.
    """
    _check(max_tokens, temperature, top_k, top_p)
    if temperature == 0:
        asked = {"top_k": top_k is not None, "top_p": top_p is not None, "seed": seed != 0}
        why = "--temperature 0 always takes the likeliest token"
        effects.refuse(Unused(name, why, "leave one of the two out") for name, is_asked in asked.items() if is_asked)
    return _write(model, tokens, start, context, max_tokens, temperature, top_k, top_p, seed)


class Reader:
    """Reads a text that grows, and says what follows it; what a model with a cache has read, it does not read again.

    Once the text is longer than the context, its beginning falls out of sight with every token. Then all positions
    shift, nothing that was kept holds any more, and the window is read anew.

    Args:
        model: tokens (1, T) → logits (1, T, V); one with `new_cache` also takes that.
        context: Most tokens that the model can see.
    """

    def __init__(self, model: nn.Module, context: int):
        self.model, self.context = model, context
        self.device = device_of(model)
        self.cache = model.new_cache() if hasattr(model, "new_cache") else None
        self.num_read = 0

    @torch.no_grad()
    def read(self, seen: list[int]) -> Tensor:
        """Logits (V,) of what follows `seen`, which begins with what was read before."""
        if self.cache is None or len(seen) > self.context:
            logits = self.model(torch.tensor([seen[-self.context :]], device=self.device))
        else:
            logits = self.model(torch.tensor([seen[self.num_read :]], device=self.device), self.cache)
            self.num_read = len(seen)
        return logits[0, -1].float().cpu()


def next_probabilities(logits: Tensor, temperature: float, top_k: int | None, top_p: float | None) -> Tensor:
    """Probabilities (V,) from which the next token is drawn.

    Args:
        logits: (V,) float32.
    """
    if temperature == 0:
        return torch.zeros_like(logits).scatter(0, logits.argmax(dim=0, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None:
        smallest = logits.topk(min(top_k, len(logits))).values[-1]
        logits = logits.masked_fill(logits < smallest, -torch.inf)
    probabilities = logits.softmax(dim=0)
    if top_p is not None:
        ordered, places = probabilities.sort(descending=True)
        before = ordered.cumsum(dim=0) - ordered  # share of all that are likelier: 0 for the first, which stays
        probabilities = probabilities.index_fill(0, places[before >= top_p], 0.0)
    return probabilities / probabilities.sum()


def _write(
    model: nn.Module,
    tokens: Tokens,
    start: list[int],
    context: int,
    max_tokens: int,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
    seed: int,
) -> Iterator[str]:
    generator = torch.Generator().manual_seed(seed)
    reader = Reader(model.eval(), context)
    seen, pending = list(start), []
    for _ in range(max_tokens):
        logits = reader.read(seen)
        if tokens.unknown is not None:
            logits[tokens.unknown] = -torch.inf
        probabilities = next_probabilities(logits, temperature, top_k, top_p)
        chosen = int(torch.multinomial(probabilities, 1, generator=generator))
        seen.append(chosen)
        pending.append(chosen)
        piece = tokens.decode_after(seen[-len(pending) - 1], pending)
        if not piece.endswith(REPLACEMENT) or len(pending) >= LONGEST_CHARACTER:
            yield piece
            pending = []
    if pending:
        yield tokens.decode_after(seen[-len(pending) - 1], pending)


def _check(max_tokens: int, temperature: float, top_k: int | None, top_p: float | None) -> None:
    if max_tokens < 0:
        raise OptionError(f"--max-tokens: expected 0 or more, got {max_tokens}")
    if not 0 <= temperature < float("inf"):
        raise OptionError(f"--temperature: expected 0 or more, got {temperature:g}; 0.8 is usual")
    if top_k is not None and top_k < 1:
        raise OptionError(f"--top-k: expected 1 or more, got {top_k}; 40 is usual")
    if top_p is not None and not 0 < top_p <= 1:
        raise OptionError(f"--top-p: expected a share in (0, 1], got {top_p:g}; 0.9 is usual")
