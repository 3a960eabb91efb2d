"""BERT: the published names and sizes, and transformers' hidden states, classes and guessed words."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from deepglass.models import bert
from deepglass.zoo import architectures
from tests.models.judge import count, published, theirs

# Bodies with pooler, as in transformers' BertModel: the checkpoints of Turc et al. (2019) and Devlin et al. (2019).
COUNTS = {
    "bert": 4_385_920,  # as large as the smallest published, BERT-Tiny
    "bert-mini": 11_170_560,
    "bert-small": 28_763_648,
    "bert-base": 109_482_240,
    "bert-large": 335_141_888,
}
CONFIG = bert.Config(embed_dim=32, num_heads=4, num_layers=2)
THEIR_CONFIG = {
    "hidden_size": 32,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "intermediate_size": 128,
    "vocab_size": 50,
    "max_position_embeddings": 16,
}
SEGMENTS = torch.tensor([[0] * 5 + [1] * 7] * 3)


def texts() -> torch.Tensor:
    """Three texts of 12, 9 and 6 tokens, padded with 0."""
    tokens = torch.randint(1, 50, (3, 12), generator=torch.Generator().manual_seed(1))
    tokens[1, 9:] = 0
    tokens[2, 6:] = 0
    return tokens


@pytest.fixture(scope="module")
def classifiers(tmp_path_factory):
    judge = theirs("BertForSequenceClassification", "BertConfig", **THEIR_CONFIG, num_labels=3)
    model = bert.Bert(50, 3, 16, CONFIG).eval()
    model.load_state_dict(bert.from_published(published(judge, tmp_path_factory.mktemp("bert"))))
    return judge, model


@pytest.fixture(scope="module")
def guessers(tmp_path_factory):
    judge = theirs("BertForMaskedLM", "BertConfig", **THEIR_CONFIG)
    model = bert.MaskedLM(50, 16, CONFIG).eval()
    model.load_state_dict(bert.from_published(published(judge, tmp_path_factory.mktemp("bert")), head="cls"))
    return judge, model


@torch.no_grad()
@pytest.mark.parametrize("segments", [None, SEGMENTS], ids=["one-text", "pairs"])
def test_classes_are_those_of_transformers(classifiers, segments):
    judge, model = classifiers
    tokens = texts()
    expected = judge(tokens, attention_mask=tokens != 0, token_type_ids=segments).logits
    torch.testing.assert_close(model(tokens, segments), expected, rtol=0, atol=1e-4)


@torch.no_grad()
def test_every_hidden_state_is_that_of_transformers(classifiers):
    judge, model = classifiers
    tokens, came = texts(), []
    for layer in (model.bert.embeddings, *model.bert.encoder["layer"]):
        layer.register_forward_hook(lambda _, inputs, output: came.append(output))
    model(tokens, SEGMENTS)
    options = {"attention_mask": tokens != 0, "token_type_ids": SEGMENTS, "output_hidden_states": True}
    expected = judge(tokens, **options).hidden_states
    assert len(came) == len(expected) == 3
    for ours, its in zip(came, expected, strict=True):
        is_token = tokens != 0  # nobody reads what stands at padding
        torch.testing.assert_close(ours[is_token], its[is_token], rtol=0, atol=1e-4)


@torch.no_grad()
def test_guessed_words_are_those_of_transformers(guessers):
    judge, model = guessers
    tokens = texts()
    expected = judge(tokens, attention_mask=tokens != 0, token_type_ids=SEGMENTS).logits
    is_token = tokens != 0
    torch.testing.assert_close(model(tokens, SEGMENTS)[is_token], expected[is_token], rtol=0, atol=1e-4)


def test_one_file_serves_both_heads_and_old_names_are_known(classifiers, guessers, tmp_path):
    (judge, classifier), (guessing_judge, guesser) = classifiers, guessers
    file = published(guessing_judge, tmp_path / "words") | published(judge, tmp_path / "classes")
    old = {name.replace("LayerNorm.weight", "LayerNorm.gamma"): tensor for name, tensor in file.items()}
    old = {name.replace("LayerNorm.bias", "LayerNorm.beta"): tensor for name, tensor in old.items()}
    old |= {"bert.embeddings.position_ids": torch.arange(16)[None], "cls.seq_relationship.weight": torch.zeros(2, 32)}
    old |= {"cls.predictions.decoder.weight": torch.zeros(50, 32)}
    for form in (file, old):
        assert bert.from_published(form).keys() == classifier.state_dict().keys()
        assert bert.from_published(form, head="cls").keys() == guesser.state_dict().keys()


def test_a_bare_body_is_a_body(classifiers):
    _, model = classifiers
    bare = {name.removeprefix("bert."): t for name, t in model.state_dict().items() if name.startswith("bert.")}
    assert bert.from_published(bare).keys() == {"bert." + name for name in bare}


@pytest.mark.parametrize("name", COUNTS)
def test_every_size_counts_as_many_parameters_as_published(name):
    with torch.device("meta"):
        model = architectures.load(name, vocab_size=30_522, num_classes=2, max_length=512)
    assert count(model.bert) == COUNTS[name]


def test_every_size_is_pinned():
    assert bert.VARIANTS.keys() == COUNTS.keys()


def test_covered_words_are_learnt_from_both_sides():
    """Texts x, [cover], y, where the covered word is told by x and y together."""
    torch.manual_seed(0)
    before, after = torch.cartesian_prod(torch.arange(3), torch.arange(3)).unbind(1)
    words = 10 + (before + after) % 3  # neither side alone says which
    tokens = torch.stack([2 + before, torch.ones_like(before), 6 + after], dim=1)  # 1 covers
    model = bert.MaskedLM(16, 4, bert.Config(embed_dim=32, num_heads=2, num_layers=2, dropout=0.0))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(300):
        loss = F.cross_entropy(model(tokens)[:, 1], words)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert torch.equal(model(tokens)[:, 1].argmax(dim=1), words)


@torch.no_grad()
def test_where_few_places_are_asked_the_answers_are_the_same():
    torch.manual_seed(0)
    model, tokens = bert.MaskedLM(50, 16, CONFIG).eval(), texts()
    places = torch.rand(tokens.shape) < 0.3
    torch.testing.assert_close(model(tokens, places=places), model(tokens)[places])


def test_the_task_decides_which_head_is_wanted(guessers):
    _, guesser = guessers
    task = "masked-language-modelling"
    assert bert.from_published(guesser.state_dict(), task=task).keys() == guesser.state_dict().keys()
    assert not any(name.startswith("cls.") for name in bert.from_published(guesser.state_dict()))
    assert isinstance(architectures.load("bert", task=task, vocab_size=50, max_length=16), bert.MaskedLM)


@torch.no_grad()
def test_the_mean_is_of_words_and_not_of_padding():
    torch.manual_seed(0)
    model = bert.Bert(50, 3, 16, replace(CONFIG, pooling="mean")).eval()
    text = torch.randint(1, 50, (2, 7))
    padded = F.pad(text, (0, 6))
    torch.testing.assert_close(model(padded), model(text))
    turned = torch.cat([text[:, :1], text[:, 1:].flip(1)], dim=1)
    assert not torch.allclose(model(turned), model(text))
    assert model(torch.zeros(1, 4, dtype=torch.long)).isfinite().all()
