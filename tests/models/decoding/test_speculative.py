"""Speculative decoding: the distribution of the large model, token for token, in fewer readings."""

from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn

from deepglass.core.sampling import Sampling, shares
from deepglass.models.decoding.reader import Reader
from deepglass.models.decoding.speculative import Draft, _judged, tokens_of
from deepglass.models.gpt import GPT, Config
from deepglass.models.llama import Config as LlamaConfig
from deepglass.models.llama import Llama
from deepglass.zoo import architectures

V, CONTEXT = 5, 12
HOW = Sampling(temperature=1.0)


def gpt(seed: int, context: int = CONTEXT) -> nn.Module:
    torch.manual_seed(seed)
    model = GPT(V, context, Config(embed_dim=16, num_heads=2, num_layers=1)).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.4)
    return model


def llama(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    model = Llama(V, CONTEXT, LlamaConfig(embed_dim=16, num_heads=2, num_kv_heads=1, num_layers=1)).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.4)
    return model


class Pairs(nn.Module):
    """Each token by the one before it: quick enough to write a thousand texts."""

    def __init__(self, seed: int):
        super().__init__()
        self.table = nn.Parameter(torch.randn(V, V, generator=torch.Generator().manual_seed(seed)))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.table[tokens]


def written(model, draft, count, seed, how=HOW, start=(1,)):
    drawn = tokens_of(Reader(model, CONTEXT), draft, list(start), by(how), np.random.default_rng(seed))
    return list(islice(drawn, count))


def by(how):
    return lambda logits, text: shares(logits, how, text)


def greedily(model, count, start=(1,)):
    reader, seen = Reader(model, CONTEXT), list(start)
    for _ in range(count):
        seen.append(int(reader.read(seen).argmax()))
    return seen[len(start) :]


@pytest.mark.parametrize("build", [gpt, llama])
@pytest.mark.parametrize("seed", [0, 1])
def test_without_chance_the_text_is_the_same_also_beyond_the_context(build, seed):
    model, draft = build(seed), Draft(build(seed + 10), CONTEXT)
    assert written(model, draft, 3 * CONTEXT, 0, Sampling(temperature=0)) == greedily(model, 3 * CONTEXT)
    assert draft.written == 3 * CONTEXT


def test_a_draft_that_sees_less_may_propose_too():
    model, draft = gpt(0), Draft(gpt(3, context=4), 4)
    assert written(model, draft, CONTEXT, 0, Sampling(temperature=0)) == greedily(model, CONTEXT)


@pytest.mark.parametrize("seed", range(4))
def test_a_token_is_drawn_as_the_large_model_would_whatever_is_proposed(seed):
    rng, N = np.random.default_rng(seed), 1500
    p, q = rng.dirichlet(np.ones(V)), rng.dirichlet(np.ones(V))
    counts, generator = np.zeros(V), np.random.default_rng(1)
    for _ in range(N):
        proposed = int(generator.choice(V, p=q))
        counts[_judged(np.log([p, p]), [proposed], [q], [], by(HOW), generator)[0]] += 1
    assert ((counts - N * p) ** 2 / (N * p)).sum() < 27.9  # chi-square of 4 degrees, one in 80,000


@pytest.mark.parametrize("how", [HOW, Sampling(temperature=0.7, top_k=4, repetition_penalty=1.3)])
def test_texts_of_three_tokens_come_as_often_as_enumeration_says(how):
    model, draft, counts, N = Pairs(0), Draft(Pairs(7), CONTEXT), {}, 1500
    for seed in range(N):
        text = tuple(written(model, draft, 3, seed, how))
        counts[text] = counts.get(text, 0) + 1
    expected = {}
    for a in range(V):
        for b in range(V):
            for c in range(V):
                expected[a, b, c] = probability(model, (a, b, c), how)
    assert sum(expected.values()) == pytest.approx(1)
    often = {text for text, p in expected.items() if N * p >= 5}
    groups = [(counts.get(text, 0), N * expected[text]) for text in sorted(often)]
    groups.append((N - sum(one for one, _ in groups), N - sum(p for _, p in groups)))
    statistic = sum((came - p) ** 2 / p for came, p in groups if p > 0)
    degrees = len(groups) - 1
    assert statistic < degrees + 4 * (2 * degrees) ** 0.5
    assert draft.readings < draft.written


def probability(model, text, how):
    seen, total = [1], 1.0
    for token in text:
        with torch.no_grad():
            total *= shares(model(torch.tensor([seen]))[0, -1].numpy(), how, seen)[token]
        seen.append(token)
    return total


def test_a_twin_as_a_draft_saves_four_readings_of_five():
    model = gpt(0)
    draft = Draft(gpt(0), CONTEXT)
    written(model, draft, 10, 0, start=(1, 2))
    assert (draft.readings, draft.written) == (2, 10)
    assert str(draft) == "10 tokens in 2 readings of the large model: the draft saved 8"


@pytest.mark.parametrize("name", ["gpt", "llama", "lstm"])
def test_what_is_forgotten_is_read_again_as_if_never_read(name):
    torch.manual_seed(0)
    sizes = {"hidden_size": 8} if name == "lstm" else {"num_layers": 2, "embed_dim": 16}
    model = architectures.load(name, task="language-modelling", vocab_size=V, context=CONTEXT, **sizes).eval()
    reader = Reader(model, CONTEXT)
    reader.read([1, 2, 3, 4, 0])
    reader.back_to(2)
    torch.testing.assert_close(reader.read([1, 2, 0, 1]), Reader(model, CONTEXT).read([1, 2, 0, 1]))
    last = Reader(model, CONTEXT).read_last([1, 2, 0, 1], 3)
    assert last.shape == (3, V)
    torch.testing.assert_close(last[0], Reader(model, CONTEXT).read([1, 2]))
