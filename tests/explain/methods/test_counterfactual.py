"""A counterfactual flips, changes no more than it must, and goes no further than it must."""

import numpy as np

from deepglass.explain.methods.counterfactual import nearest, search

ROW = {"a": 1.0, "b": 5, "colour": "red"}
CHOICES = {"a": [0.0, 2.0, 4.0], "b": [0, 2, 9], "colour": ["blue", "green"]}


def margin_of(score):
    return lambda tries: np.array([score(ROW | changes) for changes in tries])


def test_one_change_is_enough_where_one_flips():
    margin = margin_of(lambda row: row["a"] - 3.0)
    found = search(margin, CHOICES)
    assert found == {"a": 4.0}
    assert margin([found])[0] > 0


def test_changes_that_a_later_one_makes_idle_are_taken_back():
    def score(row):
        a, b = row["a"] == 4.0, row["b"] == 9
        return 1.0 * (row["colour"] == "blue") + 0.9 * a + 0.9 * b + 1.2 * (a and b) - 2.5

    margin = margin_of(score)
    found = search(margin, CHOICES)
    assert found == {"a": 4.0, "b": 9}


def test_what_cannot_be_flipped_is_said():
    assert search(margin_of(lambda row: -1.0), CHOICES) is None
    assert search(margin_of(lambda row: -1.0), {}) is None


def test_numbers_move_back_as_far_as_the_answer_allows_and_are_short():
    margin = margin_of(lambda row: row["a"] - 2.51234)
    found = nearest(margin, {"a": 4.0}, ROW, set())
    assert margin([found])[0] > 0
    assert 2.51234 < found["a"] < 2.53
    assert len(str(found["a"])) <= 6


def test_whole_numbers_stay_whole_and_words_stay_words():
    margin = margin_of(lambda row: row["b"] - 6.5 + (row["colour"] == "blue"))
    found = nearest(margin, {"b": 9, "colour": "blue"}, ROW, {"b"})
    assert found == {"b": 6, "colour": "blue"}
    assert isinstance(found["b"], int)
