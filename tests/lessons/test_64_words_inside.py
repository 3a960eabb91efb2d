"""What lesson 64 claims of words that are never seen, of letters that mislead, and of buckets (J05)."""

import numpy as np
import pytest
import torch

from deepglass.models.fasttext import parts_of
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("64_words_inside").module


def test_one_form_of_each_verb_and_the_moth_are_never_seen(lesson):
    seen = {word for sentence in lesson.text() for word in sentence}
    assert not seen & {*lesson.UNSEEN, "moth", "walkers", "unpainted"}
    assert len(set(lesson.UNSEEN)) == len(lesson.VERBS) == 12
    for verb, unseen in zip(lesson.VERBS, lesson.UNSEEN):
        assert {verb + ending for ending in lesson.ENDINGS} - {unseen} <= seen
    assert "moth" in {word for sentence in lesson.text(with_moth=True) for word in sentence}


def test_unseen_forms_lie_among_words_of_their_trade(lesson):
    for seed in range(2):
        assert lesson.right(seed=seed) >= 11
    assert lesson.trade("walker") == lesson.trade("hill") == ("walk", "climb")
    assert lesson.trade("mother") is None


def test_a_moth_lies_beside_a_mother_until_it_is_seen(lesson):
    for seed in range(2):
        never, seen = (lesson.vectors(with_moth=known, seed=seed) for known in (False, True))
        assert never.near("moth", 1)[0][0] == "mother"
        assert never.likeness("moth", "mother") > 0.9 > never.likeness("moth", "fly")
        assert seen.likeness("moth", "fly") > seen.likeness("moth", "mother")


def test_few_buckets_spoil_unseen_words_and_many_mend_them(lesson):
    for seed in range(2):
        assert lesson.right(lesson.FEW[0], seed) <= 8 < 11 <= lesson.right(lesson.FEW[-1], seed)
    assert lesson.sharing(5) == 400 * lesson.sharing(2000)


def test_the_film_ends_where_the_word_belongs(lesson):
    told = [frame.caption for frame in lesson.film()]
    assert "climbing" in lesson.UNSEEN
    assert len(told) == len(lesson.MOMENTS)
    assert lesson.trade(told[-1].split("“")[2].split("”")[0]) == ("walk", "climb")


def test_the_vector_is_the_mean_of_the_parts_on_the_page(lesson):
    net = lesson.trained()
    word = lesson.UNSEEN[0]
    with torch.no_grad():
        parts = net.words.weight[net.places_of(word)].numpy()
    assert len(parts) == len(parts_of(word))
    assert np.allclose(lesson.vectors().vector(word), parts.mean(axis=0), atol=1e-6)


def test_the_boxes_are_the_parts_and_say_which_are_known(lesson):
    svg = lesson.boxes("moth")
    assert svg.count("<rect") == len(parts_of("moth"))
    assert f"{len(parts_of('moth'))} parts" in svg
    assert 'style="fill: none' in svg
    assert "&lt;moth" in svg


def test_sea_has_six_parts():
    assert parts_of("sea") == ["<se", "sea", "ea>", "<sea", "sea>", "<sea>"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("len({one[i:i+n] for i in range(len(one)-n+1)} & {other[i:i+n] for i in range(len(other)-n+1)})", "Mark the"),
        ("len(set(one) & set(other))", "parts of n letters"),
    ],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("shared_parts", f"def shared_parts(one, other, n):\n    return {line}").message
