"""Induction heads: which heads look for what followed the last time, and copy it?

    … A B … A → B          score = mean attention from the second A to the B behind the first one

The network reads random tokens twice over. Nothing in them can be known in advance; what came before is the only hint.
A head that finds it attends from each token of the second round to the one that followed it in the first. Rounds have
many lengths, so that a head that looks a fixed number of places back is not taken for one.

Elhage et al. (2021), A Mathematical Framework for Transformer Circuits, https://transformer-circuits.pub/2021/framework;
Olsson et al. (2022), In-context Learning and Induction Heads, https://arxiv.org/abs/2209.11895 (their prefix matching
score).
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from deepglass.core.errors import OptionError
from deepglass.explain import Explanation, Settings
from deepglass.explain.methods.attention import watching
from deepglass.explain.subject import Subject

TITLE = "induction heads"
KINDS = ("prompt",)
USES = ("samples", "seed")  # of the settings
EXPLAINS = "model"
USUAL = 32  # texts
FEWEST = 8  # tokens of the context: two rounds of four
CLEAR = 0.3  # of its attention, from which on a head is called one


def repeated(count: int, vocab_size: int, length: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """(B, T) random tokens, none twice in a round, over and over; (B,) how long a round is, at most half of T."""
    generator = torch.Generator().manual_seed(seed)
    longest = min(length // 2, vocab_size)
    rounds = torch.randint(max(2, longest // 2), longest + 1, (count,), generator=generator)
    ids = [torch.randperm(vocab_size, generator=generator)[:one].repeat(-(-length // int(one))) for one in rounds]
    return torch.stack([row[:length] for row in ids]), rounds


def scores(attention: Tensor, rounds: Tensor) -> Tensor:
    """(nh,) of attention (B, nh, T, T): the mean, over the second round, of what goes to the token behind the same one
    in the first.
    """
    per_text = []
    for weights, one in zip(attention, rounds.tolist(), strict=True):
        second = torch.arange(one, 2 * one)
        per_text.append(weights[:, second, second - one + 1].mean(dim=1))
    return torch.stack(per_text).mean(dim=0)


def losses(logits: Tensor, ids: Tensor, rounds: Tensor) -> tuple[float, float]:
    """Mean loss in nats of tokens in the first round, and in the second; of logits (B, T, V)."""
    per_token = F.cross_entropy(logits[:, :-1].transpose(1, 2), ids[:, 1:], reduction="none")  # (B, T − 1): of 1, 2, …
    place = torch.arange(1, ids.shape[1])
    is_new, is_second = place < rounds[:, None], (place > rounds[:, None]) & (place < 2 * rounds[:, None])
    return float(per_token[is_new].mean()), float(per_token[is_second].mean())


def explain(subject: Subject, settings: Settings) -> Explanation:
    """The score of every head, and what repetition is worth to the whole network.

    Raises:
        OptionError: If the network does not attend, or sees too little at once.
    """
    task = subject.task
    context = task.inputs.context
    if context < FEWEST:
        raise OptionError(f"--method induction reads texts twice over, and this run sees {context} tokens at once")
    ids, rounds = repeated(settings.samples or USUAL, len(task.tokens), context, settings.seed)
    with watching() as layers:
        logits = subject.smooth_model(ids)
    if not layers:
        raise OptionError(f"--method induction: {subject.run.config['model']} does not attend; it has no heads")
    found = [scores(layer, rounds).double().numpy() for layer in layers]
    parts = [
        {"name": f"layer {i + 1}, head {j + 1}", "contribution": float(value)}
        for i, layer in enumerate(found)
        for j, value in enumerate(layer)
    ]
    first, second = losses(logits.double(), ids, rounds)
    figures = {"loss on new tokens": first, "loss on repeated tokens": second, "texts": len(ids)}
    best = float(np.concatenate(found).max())
    notes = [] if best >= CLEAR else ["no head is one: none gives a clear share of its attention to what followed"]
    facts = {"unit": "share of its attention", "about": "the whole model", "kind": "heads"}
    return subject.bare("induction", TITLE, parts=parts, figures=figures, notes=notes, **facts)
