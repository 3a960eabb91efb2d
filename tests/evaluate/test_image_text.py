"""Recalls both ways by hand; equal sentences answer for each other; ties are no hits."""

import numpy as np
import pytest

from deepglass.evaluate.judges.image_text import Judge
from deepglass.evaluate.metrics import image_text

CORNERS = np.eye(4)


def test_what_lies_together_finds_each_other_and_chance_is_said():
    found = image_text.evaluate(CORNERS, CORNERS, np.arange(4))
    assert all(found[f"{way}_{k}"]["value"] == 1 for way in image_text.WAYS for k in image_text.AT)
    assert found["details"] == {"sentences": 4, "chance": 0.25}
    assert image_text.losses(CORNERS, CORNERS, np.arange(4)).tolist() == [0, 0, 0, 0]


def test_ranks_by_hand_where_two_are_swapped():
    texts = CORNERS[[1, 0, 2, 3]]
    ranks = image_text.ranks(CORNERS, texts, np.arange(4))
    assert ranks["words_to_picture"].tolist() == [3, 3, 0, 0]  # all others lie as near as its own, or nearer
    assert image_text.evaluate(CORNERS, texts, np.arange(4))["picture_to_words_1"]["value"] == 0.5


def test_pictures_with_the_same_sentence_answer_for_each_other():
    groups = np.array([0, 0, 1, 2])
    texts = CORNERS[[1, 1, 2, 3]]
    ranks = image_text.ranks(CORNERS, texts, groups)
    assert ranks["words_to_picture"].tolist() == [0, 0, 0]  # three sentences; either picture of the first will do
    assert ranks["picture_to_words"].tolist() == [2, 0, 0, 0]


def test_everything_in_one_place_finds_nothing_and_the_judge_says_so():
    alike = np.ones((6, 1))
    found = image_text.evaluate(alike, alike, np.arange(6))
    assert found["words_to_picture_1"]["value"] == 0
    judge = Judge()
    assert "where guessing reaches 16.7 %" in judge.checks[0](found, {})
    assert judge.checks[0](image_text.evaluate(CORNERS, CORNERS, np.arange(4)), {}) is None
    assert "0.0 % of 6 sentences find their own picture first of 6" in judge.lead(found, {})


@pytest.mark.parametrize("name", [f"{way}_{k}" for way in image_text.WAYS for k in image_text.AT])
def test_intervals_hold_their_values(name):
    rng = np.random.default_rng(0)
    texts = rng.normal(size=(40, 8))
    near = texts + rng.normal(0, 0.6, (40, 8))
    pictures, texts = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (near, texts))
    entry = image_text.evaluate(pictures, texts, np.arange(40))[name]
    assert 0.3 < entry["low"] <= entry["value"] <= entry["high"] + 1e-9
