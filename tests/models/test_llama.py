"""Llama: the published names and sizes, transformers' logits, positions as angles, and a small cache."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from deepglass.models import llama
from deepglass.zoo import architectures
from tests.models.judge import count, published, theirs

COUNTS = {"smollm2-135m": 134_515_008, "tinyllama": 1_100_048_384, "llama2-7b": 6_738_415_616}  # as published
VOCABULARY = {"smollm2-135m": 49_152, "tinyllama": 32_000, "llama2-7b": 32_000}
CONFIG = llama.Config(embed_dim=32, num_heads=4, num_kv_heads=2, num_layers=2, mlp_dim=48, rope_base=500.0)
THEIR_CONFIG = {
    "hidden_size": 32,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_hidden_layers": 2,
    "intermediate_size": 48,
    "rms_norm_eps": 1e-5,
    "rope_parameters": {"rope_type": "default", "rope_theta": 500.0},
    "vocab_size": 50,
    "max_position_embeddings": 16,
    "eos_token_id": None,
}
TOKENS = torch.randint(0, 50, (3, 16), generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module", params=[False, True], ids=["own-head", "tied"])
def pair(request, tmp_path_factory):
    """A model of transformers and ours, filled from the file that it publishes."""
    judge = theirs("LlamaForCausalLM", "LlamaConfig", **THEIR_CONFIG, tie_word_embeddings=request.param)
    model = llama.Llama(50, 16, replace(CONFIG, is_tied=request.param)).eval()
    model.load_state_dict(llama.from_published(published(judge, tmp_path_factory.mktemp("llama"))))
    return judge, model


@torch.no_grad()
def test_logits_are_those_of_transformers(pair):
    judge, model = pair
    torch.testing.assert_close(model(TOKENS), judge(TOKENS).logits, rtol=0, atol=1e-4)


@torch.no_grad()
def test_writing_with_the_cache_is_transformers_writing(pair):
    judge, model = pair
    text, cache = TOKENS[:1, :5], model.new_cache()
    expected = judge.generate(text, attention_mask=torch.ones_like(text), max_new_tokens=11, do_sample=False)
    new = text
    while text.shape[1] < 16:
        new = model(new, cache)[:, -1:].argmax(dim=2)
        text = torch.cat([text, new], dim=1)
    assert torch.equal(text, expected)


@torch.no_grad()
def test_a_text_read_in_pieces_gives_the_same_logits(pair):
    _, model = pair
    cache = model.new_cache()
    pieces = [model(piece, cache) for piece in TOKENS.split([5, 1, 1, 6, 3], dim=1)]
    torch.testing.assert_close(torch.cat(pieces, dim=1), model(TOKENS), rtol=0, atol=1e-5)
    assert [memory.keys.shape for memory in cache] == [(3, 2, 16, 8)] * 2  # heads of keys only: half the memory


@torch.no_grad()
@pytest.mark.parametrize("window", [1, 3, 16])
def test_a_window_is_the_same_when_a_text_is_read_in_pieces(window):
    torch.manual_seed(0)
    model = llama.Llama(50, 16, replace(CONFIG, sliding_window=window)).eval()
    cache = model.new_cache()
    pieces = [model(piece, cache) for piece in TOKENS.split([5, 1, 1, 6, 3], dim=1)]
    torch.testing.assert_close(torch.cat(pieces, dim=1), model(TOKENS), rtol=0, atol=1e-5)


@torch.no_grad()
def test_what_left_the_window_of_all_blocks_is_forgotten():
    torch.manual_seed(0)
    model = llama.Llama(50, 16, replace(CONFIG, sliding_window=3)).eval()
    other = TOKENS.clone()
    other[:, 0] = (other[:, 0] + 1) % 50
    far = 1 + CONFIG.num_layers * (3 - 1)  # each block passes on what it saw
    same, different = model(TOKENS), model(other)
    assert torch.equal(same[:, far:], different[:, far:])
    assert not torch.allclose(same[:, far - 1], different[:, far - 1])


def test_slow_pairs_are_slowed_and_fast_ones_kept():
    usual = llama.rotary_speeds(64, CONFIG)
    for kind in ("llama3", "yarn"):
        ratio = usual / llama.rotary_speeds(
            64, replace(CONFIG, rope_type=kind, rope_factor=8.0, rope_original_context=64)
        )
        assert ratio[0] == 1
        assert ratio[-1] == pytest.approx(8)
        assert (ratio.diff() >= -1e-4).all()
    linear = llama.rotary_speeds(64, replace(CONFIG, rope_type="linear", rope_factor=8.0))
    torch.testing.assert_close(usual / linear, torch.full((32,), 8.0))


def test_published_names_in_all_their_forms_become_ours(pair, tmp_path):
    judge, model = pair
    file, own = published(judge, tmp_path), model.state_dict()
    old = file | {"model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(4)}
    forms = [file, old, own]
    if model.lm_head is None:
        forms.append(file | {"lm_head.weight": file["model.embed_tokens.weight"].clone()})
    for form in forms:
        assert llama.from_published(form).keys() == own.keys()
    assert llama.from_published({"conv1.weight": torch.zeros(3, 3)}).keys() == {"conv1.weight"}


def test_attention_feels_the_distance_only():
    speeds = llama.rotary_speeds(8, llama.Config(rope_base=100.0))
    angles = llama.rotary_angles(32, speeds)
    q, k = torch.randn(2, 1, 1, 1, 8, generator=torch.Generator().manual_seed(0))
    turned_q, turned_k = (llama.rotate(x, torch.cos(angles), torch.sin(angles))[0, 0] for x in (q, k))  # (32, 8)
    scores = turned_q @ turned_k.T  # (32, 32)
    for distance in (0, 1, 7):
        same = scores.diagonal(-distance)
        torch.testing.assert_close(same, same[:1].expand_as(same), rtol=1e-4, atol=1e-4)
    assert (scores[:, 0] - scores[0, 0]).abs().max() > 0.1
    torch.testing.assert_close(turned_q.norm(dim=1), q.flatten().norm().expand(32))  # turned, not stretched


def test_rms_norm_is_pytorchs():
    ours, expected = llama.RMSNorm(8, 1e-5), nn.RMSNorm(8, 1e-5)
    x, weight = torch.randn(2, 4, 3, 8, generator=torch.Generator().manual_seed(0))[:, :1, 0], torch.rand(8)
    for norm in (ours, expected):
        norm.weight.data.copy_(weight)
    torch.testing.assert_close(ours(x), expected(x))


@pytest.mark.parametrize("name", COUNTS)
def test_every_size_counts_as_many_parameters_as_published(name):
    with torch.device("meta"):
        assert count(architectures.load(name, vocab_size=VOCABULARY[name], context=64)) == COUNTS[name]


def test_every_size_is_pinned():
    assert llama.VARIANTS.keys() - {"llama"} == COUNTS.keys()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_heads": 3}, "embed_dim 32 is not divisible by 2 · num_heads 3"),
        ({"embed_dim": 36}, "rotary positions turn pairs"),
        ({"num_kv_heads": 3}, "num_heads 4 is not divisible by num_kv_heads 3"),
        ({"head_dim": 7}, "head_dim 7 is not an even number"),
        ({"sliding_window": 0}, "sliding_window 0: expected 1 or more"),
        ({"rope_factor": 0.0}, "rope_factor is not above 0"),
        ({"rope_fast_turns": 0.5}, "rope_slow_turns not between"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        llama.Llama(50, 16, replace(CONFIG, **settings))


def test_texts_that_are_too_long_are_refused():
    model = llama.Llama(50, 16, CONFIG)
    with pytest.raises(ValueError, match="at most 16 tokens, got 17"):
        model(torch.zeros(1, 17, dtype=torch.int64))
