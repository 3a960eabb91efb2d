"""Word and character error rates: held to jiwer, on sentences of every sort of mistake."""

import jiwer
import numpy as np
import pytest

from deepglass.core.errors import DataError
from deepglass.evaluate.metrics import transcripts

WORDS = ["one", "two", "three", "four"]


def sentences(seed, count=40):
    rng = np.random.default_rng(seed)
    said = [" ".join(rng.choice(WORDS, rng.integers(1, 7))) for _ in range(count)]
    written = [" ".join(rng.choice(WORDS, rng.integers(0, 7))) for _ in range(count)]
    return said, written


@pytest.mark.parametrize("seed", range(3))
def test_rates_are_those_of_jiwer(seed):
    said, written = sentences(seed)
    found = transcripts.evaluate(written, said)
    assert found["word_error_rate"]["value"] == pytest.approx(jiwer.wer(said, written))
    assert found["character_error_rate"]["value"] == pytest.approx(jiwer.cer(said, written))


@pytest.mark.parametrize("seed", range(3))
def test_all_kinds_of_errors_add_up_to_those_of_jiwer(seed):
    said, written = sentences(seed)
    judged = jiwer.process_words(said, written)
    errors = transcripts.counted(said, written)[:, :3].sum()
    assert errors == judged.substitutions + judged.insertions + judged.deletions


def test_each_kind_of_error_has_its_name():
    def kinds(written):
        return transcripts.edits(["one", "two", "three"], written.split())[0][:3]

    assert kinds("one two three") == (0, 0, 0)
    assert kinds("one four three") == (1, 0, 0)
    assert kinds("one two two three") == (0, 1, 0)
    assert kinds("one three") == (0, 0, 1)
    assert kinds("") == (0, 0, 3)


def test_the_alignment_says_which_word_was_taken_for_which():
    _, pairs = transcripts.edits(["three", "one", "four"], ["three", "four", "four"])
    assert pairs == [("three", "three"), ("one", "four"), ("four", "four")]


def test_the_interval_holds_the_rate_and_is_narrower_of_more_sentences():
    few, many = (transcripts.evaluate(*sentences(0, count)[::-1])["word_error_rate"] for count in (20, 400))
    for found in (few, many):
        assert found["low"] < found["value"] < found["high"]
    assert many["high"] - many["low"] < few["high"] - few["low"]


def test_the_most_frequent_confusion_is_told():
    found = transcripts.evaluate(["two", "two", "one"], ["one", "one", "one"])
    assert found["details"]["confusions"][0] == ["one", "two", 2]


def test_nothing_to_judge_is_said():
    with pytest.raises(DataError, match="no word was said"):
        transcripts.evaluate(["one"], [""])
