"""Models of text: any length, padding without effect, no look into the future, and what is special in some."""

import pytest
import torch
import torch.nn.functional as F

from deepglass.zoo import architectures

CLASSIFIERS = ["bag-of-ngrams", "lstm", "gru", "rnn", "transformer-encoder", "bert"]
LANGUAGE_MODELS = ["gpt", "llama", "lstm", "gru", "rnn"]
SMALL = {
    "bag-of-ngrams": {"buckets": 997},
    "gpt": {"num_layers": 2, "embed_dim": 32},
    "llama": {"num_layers": 2, "embed_dim": 32},
}


def classifier(name: str, **settings):
    torch.manual_seed(0)
    settings = SMALL.get(name, {}) | settings
    return architectures.load(name, task="text-classification", vocab_size=50, num_classes=3, max_length=12, **settings)


def language_model(name: str, **settings):
    torch.manual_seed(0)
    settings = SMALL.get(name, {}) | settings
    return architectures.load(name, task="language-modelling", vocab_size=20, context=16, **settings)


def texts(count: int = 6, length: int = 10) -> torch.Tensor:
    """Random texts of different lengths, padded."""
    generator = torch.Generator().manual_seed(1)
    tokens = torch.randint(1, 50, (count, length), generator=generator)
    for i in range(count):
        tokens[i, length - i :] = 0
    return tokens


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classifiers_answer_a_logit_a_class_for_any_length(name):
    model = classifier(name).eval()
    for length in (1, 2, 12):
        assert model(torch.ones(4, length, dtype=torch.int64)).shape == (4, 3)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_an_empty_text_gets_a_number(name):
    assert classifier(name).eval()(torch.zeros(2, 1, dtype=torch.int64)).isfinite().all()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_padding_changes_nothing(name):
    model = classifier(name).eval()
    tokens = texts()[:, :8]
    padded = F.pad(tokens, (0, 4))
    torch.testing.assert_close(model(tokens), model(padded))


def test_bag_of_words_forgets_the_order_and_bigrams_see_it():
    tokens, swapped = torch.tensor([[5, 9, 7]]), torch.tensor([[9, 5, 7]])
    words = classifier("bag-of-ngrams", ngrams=1).eval()
    torch.testing.assert_close(words(tokens), words(swapped))
    pairs = classifier("bag-of-ngrams", ngrams=2).eval()
    torch.nn.init.normal_(pairs.ngrams.weight)
    assert not torch.allclose(pairs(tokens), pairs(swapped))


def test_hashed_pairs_hardly_collide():
    model = classifier("bag-of-ngrams", buckets=65_536)
    pairs = torch.cartesian_prod(torch.arange(1, 50), torch.arange(1, 50))  # 2,401 pairs
    ((n, buckets),) = model.hashes(pairs)
    assert n == 2
    assert int(buckets.min()) >= 0
    assert int(buckets.max()) < 65_536
    assert len(buckets.unique()) > 0.95 * len(pairs)


@pytest.mark.parametrize("name", LANGUAGE_MODELS)
def test_language_models_answer_a_logit_a_token_at_every_place(name):
    model = language_model(name).eval()
    for length in (1, 7, 16):
        assert model(torch.zeros(3, length, dtype=torch.int64)).shape == (3, length, 20)


@pytest.mark.parametrize("name", LANGUAGE_MODELS)
def test_language_models_do_not_see_the_future(name):
    model = language_model(name).eval()
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randint(0, 20, (2, 16), generator=generator)
    before = model(tokens)
    for place in (1, 8, 15):
        changed = tokens.clone()
        changed[:, place:] = (changed[:, place:] + 1) % 20
        after = model(changed)
        torch.testing.assert_close(after[:, :place], before[:, :place])
        assert not torch.allclose(after[:, place:], before[:, place:])


def test_gpt_has_the_parameters_of_gpt2():
    names = set(language_model("gpt").state_dict())
    block = {
        f"{layer}.{kind}"
        for layer in ("ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj")
        for kind in ("weight", "bias")
    }
    expected = {"wte.weight", "wpe.weight", "ln_f.weight", "ln_f.bias"}
    assert names == expected | {f"h.{i}.{name}" for i in range(2) for name in block}


def test_texts_that_are_too_long_are_refused():
    with pytest.raises(ValueError, match="at most 16 tokens, got 17"):
        language_model("gpt")(torch.zeros(1, 17, dtype=torch.int64))
    with pytest.raises(ValueError, match="at most 12 tokens, got 13"):
        classifier("transformer-encoder")(torch.ones(1, 13, dtype=torch.int64))


@pytest.mark.parametrize(
    "build", [lambda: language_model("gpt", num_heads=5), lambda: classifier("transformer-encoder", num_heads=5)]
)
def test_heads_must_divide_the_width(build):
    with pytest.raises(ValueError, match="not divisible by num_heads 5"):
        build()
