"""Inside a language model: hooks that change nothing, patches that bring an answer back, features, induction heads."""

import numpy as np
import pytest
import torch
from torch import nn

from deepglass.core.errors import OptionError
from deepglass.explain.inside import blocks_of, chosen, reading, writing
from deepglass.explain.methods import induction, sparse_autoencoder
from deepglass.explain.methods.patching import patched
from deepglass.models.gpt import GPT, Config

V, T = 12, 16


@pytest.fixture(scope="module")
def gpt():
    torch.manual_seed(0)
    model = GPT(V, T, Config(embed_dim=16, num_heads=2, num_layers=3)).double().eval().requires_grad_(False)
    for weight in model.parameters():
        weight.mul_(8)  # so that texts are told apart
    return model


@pytest.fixture(scope="module")
def texts():
    generator = torch.Generator().manual_seed(1)
    return torch.randint(V, (1, 9), generator=generator), torch.randint(V, (1, 9), generator=generator)


def test_blocks_are_found_by_what_they_pass_on(gpt, texts):
    assert list(blocks_of(gpt, texts[:1])) == ["h.0", "h.1", "h.2"]
    assert chosen(blocks_of(gpt, texts[:1]), None)[0] == "h.1"
    with pytest.raises(OptionError, match="did you mean"):
        chosen(blocks_of(gpt, texts[:1]), "h2")
    with pytest.raises(OptionError, match="not made of blocks"):
        blocks_of(nn.Sequential(nn.Linear(3, 3)), (torch.zeros(1, 3),))


def test_outputs_under_hooks_are_the_models_own_to_the_bit(gpt, texts):
    blocks = list(blocks_of(gpt, texts[:1]).values())
    own = gpt(texts[0])
    with reading(blocks) as seen:
        assert torch.equal(gpt(texts[0]), own)
    with writing(blocks[1], lambda output: output):
        assert torch.equal(gpt(texts[0]), own)
    with writing(blocks[1], lambda output: seen[1]):
        assert torch.equal(gpt(texts[1])[:, -1], own[:, -1])
    assert torch.equal(gpt(texts[0]), own)
    assert not any(module._forward_hooks for module in gpt.modules())


def test_a_text_patched_with_itself_stays_as_it_is(gpt, texts):
    places, blocks = list(range(9)), list(blocks_of(gpt, texts[:1]).values())
    own = gpt(texts[0].expand(9, -1))
    for said in patched(gpt, blocks, texts[0], texts[0], places):
        assert torch.allclose(said, own, rtol=0, atol=1e-12)


def test_what_is_patched_at_the_last_token_of_the_last_layer_is_all_of_the_answer(gpt, texts):
    said = patched(gpt, list(blocks_of(gpt, texts[:1]).values()), *texts, list(range(9)))
    assert torch.allclose(said[-1][-1, -1], gpt(texts[0])[0, -1], atol=1e-12)
    assert torch.equal(said[-1][0, -1], gpt(texts[1].expand(9, -1))[0, -1])  # nothing passes on to others from there


def test_at_the_first_layer_a_token_that_is_the_same_brings_nothing_back(gpt, texts):
    prompt, base = texts[0], texts[0].clone()
    base[0, 4] = (base[0, 4] + 1) % V
    said = patched(gpt, list(blocks_of(gpt, texts[:1]).values())[:1], prompt, base, list(range(9)))[0][:, -1]
    there = gpt(base)[0, -1]
    moved = (said - there).abs().amax(dim=1)
    assert moved[:4].max() < 1e-12  # before it nothing has changed
    assert moved[4] > 1e-3


# -- induction heads --------------------------------------------------------------------------------------------------


def test_texts_are_read_twice_over_in_rounds_of_many_lengths():
    ids, rounds = induction.repeated(20, V, T, seed=0)
    assert len(set(rounds.tolist())) > 2
    for row, one in zip(ids, rounds.tolist(), strict=True):
        assert torch.equal(row[:one], row[one : 2 * one])
        assert len(set(row[:one].tolist())) == one
    again, _ = induction.repeated(20, V, T, seed=0)
    assert torch.equal(ids, again)


def attention_to(place_of, rounds):
    """(B, 1, T, T) a head that puts all its weight on one place."""
    weights = torch.zeros(len(rounds), 1, T, T)
    for b, one in enumerate(rounds.tolist()):
        for t in range(T):
            weights[b, 0, t, max(0, place_of(t, one))] = 1
    return weights


def test_a_head_that_looks_for_what_followed_scores_one_and_one_that_looks_back_a_fixed_way_does_not():
    _, rounds = induction.repeated(40, V, T, seed=0)
    assert induction.scores(attention_to(lambda t, one: t - one + 1, rounds), rounds) == pytest.approx(1)
    assert induction.scores(attention_to(lambda t, one: t - 1, rounds), rounds) == pytest.approx(0)
    for back in range(1, 8):
        assert induction.scores(attention_to(lambda t, one, back=back: t - back, rounds), rounds) < 0.6
    even = torch.full((40, 1, T, T), 1 / T)
    assert induction.scores(even, rounds) == pytest.approx(1 / T)


def test_losses_are_told_apart_by_round():
    ids, rounds = induction.repeated(8, V, T, seed=0)
    copies = torch.zeros(8, T, V)
    for b, one in enumerate(rounds.tolist()):
        for t in range(T - 1):
            if t >= one:
                copies[b, t, ids[b, t + 1]] = 50.0
    first, second = induction.losses(copies, ids, rounds)
    assert first == pytest.approx(np.log(V))
    assert second < 1e-6


# -- sparse autoencoder -----------------------------------------------------------------------------------------------


def sparse_data(n, directions, active, features, seed=0):
    """Activations that are sums of a few of many directions."""
    generator = torch.Generator().manual_seed(seed)
    atoms = nn.functional.normalize(torch.randn(features, directions, generator=generator), dim=1)
    codes = torch.zeros(n, features)
    for row in codes:
        row[torch.randperm(features, generator=generator)[:active]] = 1 + torch.rand(active, generator=generator)
    return codes @ atoms + 0.5, atoms


def test_planted_features_are_found_and_explain_unseen_activations():
    x, atoms = sparse_data(2_000, 16, 2, 24)
    sae = sparse_autoencoder.fit(x[:1600], active=2, features=48, steps=500)
    assert sparse_autoencoder.explained(sae, x[1600:]) > 0.8
    alike = (nn.functional.normalize(sae.decoder.weight.detach().T, dim=1) @ atoms.T).amax(dim=0)  # best for each atom
    assert (alike > 0.9).float().mean() > 0.7


def test_no_more_features_speak_than_may():
    x, _ = sparse_data(300, 8, 2, 12)
    sae = sparse_autoencoder.fit(x, active=3, features=16, steps=20)
    assert (sae(x)[1] > 0).sum(dim=1).max() <= 3
    assert sae.decoder.weight.norm(dim=0).detach().numpy() == pytest.approx(1, abs=1e-5)


def test_more_features_at_once_explain_more_and_the_same_seed_gives_the_same():
    x, _ = sparse_data(600, 12, 4, 24)
    few, many = (sparse_autoencoder.fit(x, active=k, features=32, steps=150) for k in (1, 6))
    assert sparse_autoencoder.explained(many, x) > sparse_autoencoder.explained(few, x) + 0.1
    again = sparse_autoencoder.fit(x, active=1, features=32, steps=150)
    assert torch.equal(few.decoder.weight, again.decoder.weight)


def test_features_of_the_mean_alone_explain_nothing():
    x, _ = sparse_data(200, 8, 2, 12)
    silent = sparse_autoencoder.TopK(8, 16, 2)
    with torch.no_grad():
        silent.bias.copy_(x.mean(dim=0))
        silent.encoder.bias.fill_(-1e3)
    assert sparse_autoencoder.explained(silent, x) == pytest.approx(0, abs=1e-5)
