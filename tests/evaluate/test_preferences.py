"""Scores of comparisons: what is preferred, what moved, and that the two are not the same."""

import numpy as np
import pytest

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate import intervals
from deepglass.evaluate.judges import judge_of
from deepglass.evaluate.metrics.preferences import evaluate

POLICY = np.array([[-2.0, -1.0], [-3.0, -5.0], [-1.0, -4.0], [-6.0, -6.5]])
START = np.array([[-9.0, -1.0], [-2.0, -5.0], [-0.5, -0.5], [-5.0, -5.5]])


def test_a_share_is_counted_by_hand():
    found = evaluate(POLICY)
    assert found["preferred"] == {"value": 0.75, **dict(zip(("low", "high"), intervals.wilson(3, 4), strict=True))}
    assert "moved" not in found


def test_an_answer_may_have_moved_the_right_way_and_still_be_the_less_likely_one():
    found = evaluate(POLICY, START)
    assert found["moved"]["value"] == 0.5  # the first by 7 nats, the third by 3; the second back by 1
    assert found["margin"]["value"] == pytest.approx((7 - 1 + 3 + 0) / 4)
    assert found["details"]["chosen_fell"] == 3


def test_that_chosen_answers_fell_is_a_warning():
    judge = judge_of("preferences")
    (warned,) = [said for check in judge.checks if (said := check(evaluate(POLICY, START), {})) and "chosen" in said]
    assert "3 of 4" in warned
    assert "--imitation" in warned
    assert not any("less likely" in (check(evaluate(POLICY), {}) or "") for check in judge.checks)


def test_a_pair_of_runs_is_compared_by_who_ranks_rightly():
    a, b = {"predictions": POLICY}, {"predictions": START}
    (record,) = judge_of("preferences").paired_tests(a, b, 0)
    assert (record["only_a"], record["only_b"]) == (1, 0)


@pytest.mark.parametrize(
    ("policy", "kind"),
    [(np.zeros((3, 3)), ShapeError), (np.zeros((0, 2)), DataError), (np.full((2, 2), np.nan), DataError)],
)
def test_what_cannot_be_judged_is_refused(policy, kind):
    with pytest.raises(kind):
        evaluate(policy)
