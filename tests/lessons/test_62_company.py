"""What lesson 62 claims of words that are known by their company, of opposites, and of analogies (J03)."""

import numpy as np
import pytest
import torch

from deepglass.models.word2vec import negative_sampling
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("62_company").module


def test_a_word_that_nobody_explains_ends_among_those_with_its_company(lesson):
    for seed in range(2):
        assert {word for word, _ in lesson.vectors(seed=seed).near("glorp", 3)} == {"wolf", "fox", "bear"}
    assert not any("glorp" in sentence and {"wolf", "fox", "bear"} & set(sentence) for sentence in lesson.text())


def test_the_film_ends_there_and_does_not_show_the_opposites(lesson):
    told = [caption for _, caption in lesson.film()]
    assert len(told) == len(lesson.MOMENTS)
    assert {"wolf", "fox", "bear"} <= set(told[-1].replace(",", " ").replace(".", " ").split())
    assert not {word for pair in lesson.OPPOSITES for word in pair} & set(lesson.ON_MAP)


def test_names_on_the_map_lie_apart(lesson):
    rng = np.random.default_rng(0)
    places = rng.normal(0, 0.15, (12, 2))
    heights = np.array(lesson.apart(places))
    gaps = np.abs(heights[:, None] - heights)[np.triu_indices(12, 1)]
    near = np.abs(places[:, None, 0] - places[:, 0])[np.triu_indices(12, 1)] < 0.42
    assert gaps[near].min() > 0.0949


def test_opposites_lie_almost_in_the_same_place(lesson):
    for seed in range(2):
        asked = lesson.vectors(seed=seed)
        assert min(asked.likeness(*pair) for pair in lesson.OPPOSITES) > 0.97
        assert max(asked.likeness("hot", word) for word in ("open", "rich", "king", "wolf")) < 0.7


def test_he_and_she_are_right_for_the_right_reason_and_opposites_are_not(lesson):
    ways = ("given words left out", "nothing left out", "nearest to c")
    for seed in range(2):
        usual, plain, nearest = (lesson.right("he and she", way, seed) for way in ways)
        assert usual > 0.9
        assert plain > 0.9
        assert nearest < plain or seed > 0  # the page shows the first
        usual, plain, nearest = (lesson.right("opposites", way, seed) for way in ways)
        assert usual == nearest == 1
        assert plain < 0.3


def test_without_words_by_chance_all_point_the_same_way_and_the_loss_is_nearly_nothing(lesson):
    assert lesson.spread(0) > 0.6
    assert max(lesson.spread(k) for k in (1, 5, 15)) < 0.4
    u, v = lesson.learnt(0)
    words = lesson.numbered()[0]
    pairs = [(words.index(s[0]), words.index(s[1])) for s in lesson.text()[:300]]
    scores = torch.tensor([[u[a] @ v[b], 0.0] for a, b in pairs])
    assert float(negative_sampling(scores, torch.ones(len(pairs), 1, dtype=torch.int64), 0)) < 0.01


def test_the_numbers_of_a_pair_are_those_of_the_loss(lesson):
    words, ids = lesson.numbered()
    u, v = lesson.learnt()
    meet, score, noise = lesson.pair("glorp", "forest")
    assert meet == sum({"glorp", "forest"} <= set(sentence) for sentence in lesson.text())
    assert score == pytest.approx(float(u[words.index("glorp")] @ v[words.index("forest")]), rel=1e-5)
    shares = np.bincount(ids)[1:] ** 0.75
    told = np.log(1 / (1 + np.exp(v @ u[words.index("glorp")])))
    assert noise == pytest.approx(float(told @ (shares / shares.sum())), rel=1e-4)
    assert lesson.pair("glorp", "grass")[1] < 0 < score


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("np.logaddexp(0, -(u @ v)) + k * np.logaddexp(0, -noise @ u).mean()", "with a minus"),
        ("np.logaddexp(0, -(u @ v)) + k * np.logaddexp(0, noise @ u).sum()", "not their sum"),
    ],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("pair_loss", f"def pair_loss(u, v, noise, k):\n    return {line}").message
