"""What lesson 61 claims about stems and lemmas (J02)."""

import pytest

from deepglass.core.lemmas import lemma
from deepglass.core.porter import measure, stem
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("61_stems").module


def test_the_steps_on_the_page_are_those_of_the_stemmer(lesson):
    for word in (*lesson.LONG, *lesson.TWINS, "happy", "ponies", "hopping", "controlling", "sky", "cement"):
        assert lesson.walk(word)[-1][1] == stem(word), word


def test_three_words_of_different_meaning_meet_in_one_stem(lesson):
    assert len({stem(word) for word in lesson.TWINS}) == 1
    assert len({lemma(word) for word in lesson.TWINS}) == 3


def test_forms_of_one_word_may_not_meet_in_a_stem_and_do_in_a_lemma():
    assert stem("ran") != stem("runs")
    assert stem("mice") != stem("mouse")
    assert lemma("ran") == lemma("runs") == "run"
    assert lemma("mice") == lemma("mouse") == "mouse"


def test_fewer_words_of_a_new_scene_are_unknown_as_stems_or_lemmas(lesson):
    (plain, words), (stems, fewer), (lemmas, some) = (lesson.unknown(form) for form in lesson.FORMS.values())
    assert stems < plain
    assert lemmas < plain
    assert fewer < words
    assert some < words


def test_without_the_measure_too_much_is_taken_off_and_with_too_high_a_one_too_little(lesson):
    left = {least: lesson.without_measure("cement", "ement", least) for least in (-1, 0, 1)}
    assert left == {-1: "c", 0: "cement", 1: "cement"}
    assert [lesson.without_measure("replacement", "ement", least) for least in (1, 2)] == ["replac", "replacement"]


def test_the_answer_and_the_words_of_the_page_are_right(lesson):
    assert measure("oaten") == 2
    assert stem("happy") == "happi"
    assert stem("cities") == "citi"


def test_the_picture_tells_what_was_taken_off(lesson):
    svg = lesson.letters("connect", "connections", "single endings")
    assert svg.count("<rect") == len("connections")
    assert "connect, measure 2" in svg


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sum(1 for a, b in zip(consonants, consonants[1:]) if a != b)", "other way round"),
        ("consonants.count(0)", "count once"),
    ],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("measure", f"def measure(consonants):\n    return {line}").message
