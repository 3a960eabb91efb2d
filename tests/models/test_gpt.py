"""GPT-2: the published names and sizes, transformers' logits, and a cache that changes no number."""

import math

import pytest
import torch
import torch.nn.functional as F

from deepglass.models import gpt
from deepglass.zoo import architectures
from tests.models.judge import count, published, theirs

COUNTS = {  # of the published checkpoints
    "gpt2": 124_439_808,
    "gpt2-medium": 354_823_168,
    "gpt2-large": 774_030_080,
    "gpt2-xl": 1_557_611_200,
}
CONFIG = gpt.Config(embed_dim=32, num_heads=4, num_layers=2)
THEIR_CONFIG = {"n_embd": 32, "n_head": 4, "n_layer": 2, "vocab_size": 50, "n_positions": 16}
TOKENS = torch.randint(0, 50, (3, 16), generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A model of transformers and ours, filled from the file that it publishes."""
    judge = theirs("GPT2LMHeadModel", "GPT2Config", **THEIR_CONFIG, bos_token_id=0, eos_token_id=None)
    model = gpt.GPT(50, 16, CONFIG).eval()
    model.load_state_dict(gpt.from_published(published(judge, tmp_path_factory.mktemp("gpt2"))))
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
    assert [memory.keys.shape for memory in cache] == [(3, 4, 16, 8)] * 2


def test_the_cache_ends_with_the_context():
    model = gpt.GPT(50, 16, CONFIG).eval()
    cache = model.new_cache()
    model(TOKENS, cache)
    with pytest.raises(ValueError, match="at most 16 tokens, got 17"):
        model(TOKENS[:, :1], cache)


def test_published_names_in_all_their_forms_become_ours(pair, tmp_path):
    judge, model = pair
    file = published(judge, tmp_path)
    bare = {name.removeprefix("transformer."): tensor for name, tensor in file.items()}
    old = bare | {"h.0.attn.bias": torch.ones(1, 1, 16, 16), "h.1.attn.masked_bias": torch.tensor(-1e4)}
    tied = file | {"lm_head.weight": file["transformer.wte.weight"].clone()}
    own = model.state_dict()
    for form in (file, bare, old, tied, own):
        came = gpt.from_published(form)
        assert came.keys() == own.keys()
        assert all(torch.equal(came[name], own[name]) for name in own)


def test_what_is_not_gpt2_stays_to_be_refused(pair):
    _, model = pair
    foreign = {"conv1.weight": torch.zeros(3, 3), "lm_head.weight": torch.zeros(50, 32)}
    assert gpt.from_published(foreign).keys() == foreign.keys()
    other_head = model.state_dict() | {"lm_head.weight": torch.zeros(50, 32)}
    assert "lm_head.weight" in gpt.from_published(other_head)


@pytest.mark.parametrize("name", COUNTS)
def test_every_size_counts_as_many_parameters_as_published(name):
    with torch.device("meta"):
        assert count(architectures.load(name, vocab_size=50_257, context=1_024)) == COUNTS[name]


def test_every_size_is_pinned():
    assert gpt.VARIANTS.keys() - {"gpt"} == COUNTS.keys()


def test_the_first_loss_is_that_of_chance():
    model = gpt.GPT(50, 16, CONFIG).eval()
    loss = F.cross_entropy(model(TOKENS[:, :-1]).flatten(0, 1), TOKENS[:, 1:].flatten())
    assert abs(loss.item() - math.log(50)) < 0.1
