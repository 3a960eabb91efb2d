"""A sparse autoencoder: the stream inside a language model, taken apart into features of which few are active at once.

    z = TopK(W_enc (x − b)),   x̂ = W_dec z + b          loss = |x − x̂|² / var(x)  (+ 1/32 of the same for dead features)

A direction of the stream means many things at once, for there are more things to tell apart than directions. With many
more features than directions, of which only k may speak at a time, each tends to stand for one thing. How well they do
is measured: the share of the variance that k of them explain on text that they have not learnt from.

Gao et al. (2024), Scaling and Evaluating Sparse Autoencoders, https://arxiv.org/abs/2406.04093 (TopK; decoder and
encoder begin as transposes; columns of length 1; dead features learn what the others leave over).
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.explain import Explanation, Settings
from deepglass.explain.inside import blocks_of, chosen, reading
from deepglass.explain.rows import own_rows
from deepglass.explain.subject import Subject

TITLE = "features (sparse autoencoder)"
KINDS = ("prompt",)
USES = ("samples", "seed", "count", "layer")  # of the settings
EXPLAINS = "model"
ACTIVE, WIDER = 20, 8  # features at once; times as many features as directions
STEPS, BATCH, RATE = 3_000, 1_024, 1e-3
MOST_TOKENS = 200_000  # of the training that are looked at
DEAD, AUXILIARY, SHARE = 200, 64, 1 / 32  # steps without a word; dead features that learn; weight of their loss
SHOWN, BEFORE = 3, 12  # texts of each feature; characters before the token


class TopK(nn.Module):
    """C directions, `features` features, of which `active` speak.

    Shape:
        - input: (n, C)
        - output: (n, C) what they make of it, and (n, features) how loud they are, 0 for all but `active`
    """

    def __init__(self, width: int, features: int, active: int):
        super().__init__()
        self.active = active
        self.bias = nn.Parameter(torch.zeros(width))
        self.decoder = nn.Linear(features, width, bias=False)
        self.encoder = nn.Linear(width, features)
        with torch.no_grad():
            self.decoder.weight.copy_(F.normalize(torch.randn(width, features), dim=0))
            self.encoder.weight.copy_(self.decoder.weight.T)
            self.encoder.bias.zero_()

    def loudness(self, x: Tensor) -> Tensor:
        """(n, features) before any is silenced."""
        return F.relu(self.encoder(x - self.bias))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        codes = loudest(self.loudness(x), self.active)
        return self.decoder(codes) + self.bias, codes


def loudest(loudness: Tensor, count: int) -> Tensor:
    """All but the `count` largest of each row set to 0."""
    kept = loudness.topk(min(count, loudness.shape[1]), dim=1)
    return torch.zeros_like(loudness).scatter(1, kept.indices, kept.values)


def fit(x: Tensor, active: int = ACTIVE, features: int | None = None, steps: int = STEPS, seed: int = 0) -> TopK:
    """Learn the features of activations (n, C)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        sae = TopK(x.shape[1], features or WIDER * x.shape[1], active)
        variance = x.var(dim=0, correction=0).sum()
        with torch.no_grad():
            sae.bias.copy_(x.mean(dim=0))
        optimizer, silent = torch.optim.Adam(sae.parameters(), lr=RATE), torch.zeros(sae.decoder.in_features)
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = RATE * min(1.0, 5 * (1 - step / steps))  # the last fifth goes down to 0
            silent = _step(sae, optimizer, x[torch.randint(len(x), (min(BATCH, len(x)),))], variance, silent)
    return sae.eval()


def _step(sae: TopK, optimizer: Any, x: Tensor, variance: Tensor, silent: Tensor) -> Tensor:
    """One step of learning; gives for how many steps each feature has been silent."""
    made, codes = sae(x)
    loss = (x - made).pow(2).sum(dim=1).mean() / variance
    silent = torch.where((codes > 0).any(dim=0), 0.0, silent + 1)
    if (is_dead := silent > DEAD).any():
        left = (x - made).detach()
        extra = sae.decoder(loudest(sae.loudness(x) * is_dead, AUXILIARY))
        loss = loss + SHARE * (left - extra).pow(2).sum(dim=1).mean() / left.pow(2).sum(dim=1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        sae.decoder.weight.copy_(F.normalize(sae.decoder.weight, dim=0))
    return silent


@torch.no_grad()
def explained(sae: TopK, x: Tensor) -> float:
    """The share of the variance of activations (n, C) that the features give back."""
    left = sum(float((part - sae(part)[0]).pow(2).sum()) for part in x.split(BATCH))
    return 1 - left / float((x - x.mean(dim=0)).pow(2).sum())


@torch.no_grad()
def stream(model: nn.Module, block: nn.Module, ids: Tensor) -> Tensor:
    """(n, C) float32: what a block gives at every token of texts (B, T)."""
    found = []
    for some in ids.split(16):
        with reading([block]) as given:
            model(some)
        found.append(given[0].flatten(0, 1).float())
    return torch.cat(found)


def explain(subject: Subject, settings: Settings) -> Explanation:
    """The features that speak most often, with the tokens at which they are loudest.

    Raises:
        OptionError: If the network is not made of blocks.
        DataError: If the text of the training has gone.
    """
    learnt, unseen = (_texts(subject, part) for part in ("train", "test"))
    model = subject.run.network.cpu().eval()
    name, block = chosen(blocks_of(model, (learnt[:1],)), settings.layer)
    x, other = stream(model, block, learnt), stream(model, block, unseen)
    sae = fit(x, steps=settings.samples or STEPS, seed=settings.seed)
    with torch.no_grad():
        codes = torch.cat([sae(part)[1] for part in other.split(BATCH)])  # (n, features)
    speaks = (codes > 0).double().mean(dim=0)
    order = speaks.argsort(descending=True)[: settings.count].tolist()
    parts = [
        {"name": f"feature {i}", "value": _loudest_at(subject, unseen, codes[:, i]), "contribution": float(speaks[i])}
        for i in order
    ]
    figures = {
        "layer": name,
        "variance explained": explained(sae, other),
        "active at once": sae.active,
        "features": codes.shape[1],
        "never active": int((speaks == 0).sum()),
        "tokens": len(x),
    }
    facts = {"unit": "share of tokens at which it speaks", "about": "the whole model", "kind": "features"}
    return subject.bare("sparse_autoencoder", TITLE, parts=parts, figures=figures, **facts)


def _texts(subject: Subject, part: str) -> Tensor:
    """(B, T) windows of a part of the training's text, one behind the other."""
    tokens, context = (own_rows(subject.run, subject.data, part).examples.tokens.long(), subject.task.inputs.context)
    count = min(len(tokens), MOST_TOKENS) // context
    return tokens[: count * context].view(count, context) if count else tokens[None]


def _loudest_at(subject: Subject, ids: Tensor, codes: Tensor) -> str:
    """The tokens at which a feature is loudest, each with a little of what stands before it."""
    T, told = ids.shape[1], []
    for place in codes.argsort(descending=True)[:SHOWN].tolist():
        row, column = divmod(place, T)
        before = subject.task.tokens.decode(ids[row, max(0, column - BEFORE) : column].tolist())
        told.append(f"{before[-BEFORE:]}[{subject.task.tokens.decode([int(ids[row, column])])}]")
    return " · ".join(told).replace("\n", "⏎")
