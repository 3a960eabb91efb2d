"""What lesson 63 claims of counted company: raw rows, rows beside chance, GloVe, and PPMI with SVD (J04)."""

import numpy as np
import pytest

from deepglass.models.glove import EXPONENT
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("63_counting_company").module


def test_nearest_to_a_queen_by_raw_counts_is_a_little_word_and_beside_chance_a_queen(lesson):
    by_counts = [word for word, _ in lesson.asked(lesson.rows(lesson.TABLES[0])).near("queen", 3)]
    assert not {"king", "margaret", "elizabeth"} & set(by_counts)
    assert by_counts[0] == "by"
    assert lesson.asked(lesson.rows(lesson.TABLES[2])).near("queen", 1)[0][0] == "margaret"


def test_frequent_words_share_the_company_of_both_and_names_do_not(lesson):
    ratios = {row["near"]: row["ratio of shares"] for row in lesson.probed()}
    assert all(0.8 < ratios[word] < 1.25 for word in ("the", "and"))
    assert ratios["margaret"] < ratios["she"] < 0.2
    assert min(ratios["henry"], ratios["richard"]) > 10


def test_the_film_comes_nearer_and_more_so_where_words_met_often(lesson):
    told = [[float(word) for word in frame.caption.split() if "0" <= word[0] <= "9"] for frame in lesson.film()]
    assert [int(step) for step, *_ in told] == list(lesson.MOMENTS)
    assert told[-1][1] < 0.25 * told[0][1]
    assert told[-1][1] < 0.7 * told[-1][2]


def test_counting_and_cutting_is_the_one_to_beat_and_all_know_more_than_chance(lesson):
    cut = lesson.of_one_kind(lesson.ppmi_svd(lesson.counted()[1], lesson.DIM))
    learnt = [lesson.of_one_kind(lesson.vectors_of(lesson.glove(seed))) for seed in range(3)]
    assert cut > np.mean(learnt) > 2 * lesson.chance()
    assert cut > 4 * lesson.chance()


def test_little_text_says_little_and_beside_chance_is_best_with_all_of_it(lesson):
    for table in lesson.TABLES:
        assert lesson.of_one_kind(lesson.rows(table, 2)) < 0.7 * lesson.of_one_kind(lesson.rows(table, 100))
    raw, logs, beside = (lesson.of_one_kind(lesson.rows(table)) for table in lesson.TABLES)
    assert beside > max(raw, logs)


def test_chance_is_what_random_vectors_reach(lesson):
    rng = np.random.default_rng(0)
    tried_ = [lesson.of_one_kind(rng.normal(size=(len(lesson.counted()[0]), 20))) for _ in range(200)]
    assert np.mean(tried_) == pytest.approx(lesson.chance(), abs=0.02)


def test_the_numbers_of_a_pair_are_those_of_the_loss(lesson):
    words, pairs = lesson.counted()
    pair = lesson.scored("queen", "margaret")
    assert pair["count"] == pairs[words.index("queen"), words.index("margaret")]
    off = pair["product"] + sum(pair["biases"]) - np.log(pair["count"])
    assert pair["cost"] == pytest.approx(min(1, pair["count"] / lesson.COUNT_MAX) ** EXPONENT * off**2)
    assert abs(off) > 1  # a count that is not reached, as the page says
    assert lesson.scored("king", "richard")["cost"] < 0.5


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("np.log(np.maximum(counts, 1))", "by what chance would give"),
        ("np.maximum(1, counts * counts.sum() / np.outer(counts.sum(1), counts.sum(0)))", "take its logarithm"),
    ],
)
def test_slips_are_told_apart(line, said):
    code = f"def positive_information(counts):\n    return {line}"
    assert said in tried("positive_information", code).message
