"""Exchanges of conversations, and the wrong replies by which a model is judged."""

import numpy as np

from deepglass.data.dialogues import of_equals, of_roles
from deepglass.data.exchanges import candidates_of, exchanges_of


def test_every_turn_that_answers_is_an_exchange():
    told = of_roles([("system", "s"), ("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d")], "sea")
    assert [(one.said, one.reply, one.topic) for one in exchanges_of(told)] == [
        (("a",), "b", "sea"), (("a", "b", "c"), "d", "sea"),
    ]  # fmt: skip
    assert [one.reply for one in exchanges_of(of_equals(["a", "b", "c"]))] == ["b", "c"]


def test_candidates_are_different_replies_of_the_same_topic():
    rng = np.random.default_rng(1)
    replies, topics = rng.integers(0, 30, (300, 1)), rng.integers(0, 3, 300)
    found = candidates_of(replies, topics)
    assert found.shape == (300, 10)
    assert (found[:, 0] == np.arange(300)).all()
    assert all(len(set(replies[row, 0])) == 10 for row in found)
    assert (topics[found] == topics[:, None]).all()
    assert np.array_equal(found, candidates_of(replies, topics))


def test_where_a_topic_has_too_few_replies_others_help_out():
    replies = np.array([[1], [2], [3], [3], [4]])
    found = candidates_of(replies, np.array([0, 0, 1, 1, 2]))
    assert found.shape == (5, 4)
    assert all(set(replies[row, 0]) == {1, 2, 3, 4} for row in found)
