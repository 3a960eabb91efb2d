"""Word2Vec, FastText and GloVe: losses by hand, gradients by central differences, and words inside words."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from deepglass.core.errors import DeepglassError
from deepglass.models import fasttext, glove, word2vec
from deepglass.models.fasttext import fnv1a, parts_of
from deepglass.zoo import architectures

V, C = 9, 4
TOKENS, CANDIDATES = torch.tensor([[3], [5]]), torch.tensor([[4, 0], [7, 8]])
NOISE = torch.tensor([1, 2, 6])


def model_of(name, **more):
    torch.manual_seed(0)
    model = architectures.load(name, task="word-vectors", vocab_size=V, embed_dim=C, **more).double()
    for table in model.parameters():
        torch.nn.init.normal_(table, std=0.5)
        table.data[0] = 0.0  # no word
    return model


def test_skip_gram_gradients_are_those_of_central_differences_on_both_sides():
    model = model_of("word2vec")
    loss = lambda: word2vec.negative_sampling(model(TOKENS, CANDIDATES, NOISE), CANDIDATES, 5)  # noqa: E731
    loss().backward()
    for table in (model.words, model.contexts):
        measured = torch.zeros_like(table.weight)
        for place in np.ndindex(V, C):
            with torch.no_grad():
                ends = []
                for step in (1e-5, -2e-5):
                    table.weight[place] += step
                    ends.append(loss())
                table.weight[place] += 1e-5
                measured[place] = (ends[0] - ends[1]) / 2e-5
        assert torch.allclose(table.weight.grad[1:], measured[1:], atol=1e-7)  # type: ignore[index]
        assert table.weight.grad.abs().sum() > 0  # type: ignore[union-attr]


def test_the_loss_of_a_pair_is_that_of_the_paper():
    model = model_of("word2vec")
    u, v = model.words.weight, model.contexts.weight
    pairs = [(3, 4), (5, 7), (5, 8)]
    expected = -sum(
        F.logsigmoid(u[a] @ v[b]) + 5 * torch.stack([F.logsigmoid(-(u[a] @ v[n])) for n in NOISE]).mean()
        for a, b in pairs
    ) / len(pairs)  # fmt: skip
    found = word2vec.negative_sampling(model(TOKENS, CANDIDATES, NOISE), CANDIDATES, 5)
    assert found.item() == pytest.approx(expected.item())


def test_cbow_scores_the_mean_of_the_words_around():
    model = model_of("word2vec")
    mean = (model.words.weight[4] + model.words.weight[7]) / 2
    assert torch.allclose(model(torch.tensor([[4, 0, 7]])), mean)
    score = model(torch.tensor([[4, 0, 7]]), torch.tensor([[3]]))
    assert float(score) == pytest.approx(float(mean @ model.contexts.weight[3]))


def test_gloves_loss_is_that_of_the_paper_and_frequent_pairs_weigh_no_more():
    model = model_of("glove")
    counts = torch.tensor([[3.0], [500.0]]).double()
    candidates = torch.tensor([[4], [7]])
    w, c = model.words.weight, model.contexts.weight
    b, other = model.word_bias.weight, model.context_bias.weight
    terms = [
        weight * (w[i] @ c[j] + b[i, 0] + other[j, 0] - np.log(x)) ** 2
        for i, j, x, weight in ((3, 4, 3.0, (3 / 100) ** 0.75), (5, 7, 500.0, 1.0))
    ]
    found = glove.weighted_least_squares(model(TOKENS, candidates), counts, 100.0)
    assert found.item() == pytest.approx(float(sum(terms).detach() / 2))


def test_parts_are_those_of_the_paper():
    """Section 3.2: the 3-grams of "where"."""
    assert parts_of("where", 3, 3) == ["<wh", "whe", "her", "ere", "re>"]
    assert "her" in parts_of("where", 3, 3)
    assert "<her>" not in parts_of("where", 3, 6)
    assert parts_of("") == []


@pytest.mark.parametrize(("text", "code"), [("", 0x811C9DC5), ("a", 0xE40C292C), ("foobar", 0xBF9CF968)])
def test_the_hash_is_fnv1a(text, code):
    assert fnv1a(text) == code


def test_a_word_is_the_mean_of_itself_and_its_parts():
    model = model_of("fasttext", longest_word=5, buckets=50)
    words = ["", "", *["sea", "seas", "field", "horse", "wave", "corn", "ship"]]
    model.learn_words(words)
    places = [3, *model.places_of("seas")]
    assert torch.allclose(model(torch.tensor([[3]]))[0], model.words.weight[places].mean(dim=0))
    assert min(model.places_of("seas")) >= V


def test_an_unseen_word_shares_the_parts_of_its_stem():
    model = model_of("fasttext", longest_word=8, buckets=5000)
    near, far = (
        F.cosine_similarity(model.vector_of(word), model.vector_of("sailing"), dim=0) for word in ("sailings", "horses")
    )
    assert float(near) > 0.7 > float(far)
    assert not model.vector_of("").any()


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises((DeepglassError, TypeError)):
        architectures.load("word2vec", task="word-vectors", embed_dim=C, nope=1)


def test_the_files_say_what_they_learn_from():
    assert glove.LEARNS_FROM == "counts"
    assert not hasattr(word2vec, "LEARNS_FROM")
    assert not hasattr(fasttext, "LEARNS_FROM")


def test_it_begins_with_counted_tables_and_padding_stays_nothing():
    model = architectures.load("word2vec", task="word-vectors", vocab_size=V, embed_dim=C)
    words, contexts = torch.randn(V, C - 1), torch.randn(V, C - 1)
    model.begin_with(words, contexts)
    scores = model(torch.tensor([[3], [5]]), torch.tensor([[4, 6], [7, 8]]))
    expected = torch.stack([words[3] @ contexts[[4, 6]].T, words[5] @ contexts[[7, 8]].T])
    torch.testing.assert_close(scores, expected)
    assert not model.words.weight[0].any()
    assert not model.contexts.weight[0].any()
