"""Recall among candidates: who is found first, and how far luck goes."""

import numpy as np
import pytest

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate.judges.retrieval import Judge
from deepglass.evaluate.metrics import retrieval

SCORES = np.array([[3.0, 1, 2], [1, 1, 0], [0, 1, 2], [5, 4, -9]])


def test_ranks_count_whoever_is_as_near():
    assert retrieval.ranks(SCORES).tolist() == [1, 2, 3, 1]
    assert retrieval.losses(SCORES).tolist() == pytest.approx([0, 0.5, 2 / 3, 0])
    found = retrieval.evaluate(SCORES)
    assert found["recall_at_1"]["value"] == 0.5
    assert found["recall_at_5"]["value"] == 1
    assert found["reply_mrr"]["value"] == pytest.approx((1 + 1 / 2 + 1 / 3 + 1) / 4)
    assert found["details"]["candidates"] == 3


@pytest.mark.parametrize(
    ("scores", "error"), [(np.zeros((0, 3)), DataError), (np.zeros((3, 1)), ShapeError), (SCORES * np.nan, DataError)]
)
def test_what_cannot_be_judged_is_refused(scores, error):
    with pytest.raises(error):
        retrieval.evaluate(scores)


def test_chance_is_told_apart_from_skill():
    (check,) = [one for one in Judge.checks if one.__name__ == "no_better_than_chance"]
    rng = np.random.default_rng(0)
    luck = rng.normal(size=(400, 10))
    skill = luck + np.eye(1, 10) * 2
    assert "a draw among 10" in check(retrieval.evaluate(luck), {})
    assert check(retrieval.evaluate(skill), {}) is None
    arrays = [{"predictions": one, "losses": retrieval.losses(one)} for one in (skill, luck)]
    first, second = Judge().paired_tests(*arrays, seed=0)
    assert (first["measure"], second["measure"]) == ("recall_at_1", "reply_missed")
    assert first["a"] > first["b"]
