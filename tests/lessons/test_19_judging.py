"""What lesson 19 claims about scores of a classifier.

That accuracy, precision, recall and F1 in all averages, the confusion matrix, the ROC curve and its area (ties
included) equal scikit-learn's is held by tests/evaluate/test_classification.py and tests/evaluate/test_curves.py.
"""

import numpy as np
import pytest

from deepglass.course.judging.description import load
from deepglass.evaluate import curves
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("19_judging").module


def test_the_four_corners_are_the_confusion_matrix_of_scikit_learn(lesson):
    from sklearn import metrics

    scores, is_ill = lesson.readings()
    for threshold in lesson.THRESHOLDS:
        matrix, told = lesson.counted(is_ill, scores >= threshold)
        np.testing.assert_array_equal(matrix, metrics.confusion_matrix(is_ill, scores >= threshold))
        assert told["F1"] == pytest.approx(metrics.f1_score(is_ill, scores >= threshold, zero_division=0))


def test_the_wall_trades_recall_for_precision(lesson):
    scores, is_ill = lesson.readings()
    told = [lesson.counted(is_ill, scores >= threshold)[1] for threshold in lesson.THRESHOLDS]
    assert (np.diff([one["recall"] for one in told]) >= 0).all()
    assert told[0]["recall"] == 0
    assert told[-1]["recall"] == 1
    assert told[5]["precision"] > 2 * told[-1]["precision"]


@pytest.mark.parametrize("gap", [-1, 0, 1.5, 4])
def test_the_share_of_blue_squares_is_the_area_under_the_curve(lesson, gap):
    from sklearn.metrics import roc_auc_score

    scores, is_ill = lesson.readings(well=20, ill=12, gap=gap, spread=1.0, seed=8)
    _, grid = lesson.drawn_pairs(scores, is_ill)
    assert (grid == 0.5).any() or gap == 4  # ties are part of the lesson
    assert grid.mean() == pytest.approx(roc_auc_score(is_ill, scores))
    assert grid.mean() == pytest.approx(curves.roc_auc(curves.Ladder.of(scores, is_ill)))


def test_a_model_that_is_99_percent_right_finds_next_to_nobody(lesson):
    _, matrix, scores = lesson.judged(100, 1)
    assert scores["accuracy"] >= 0.985
    assert scores["recall"] < 0.06
    lazy = matrix[0].sum() / matrix.sum()
    assert scores["accuracy"] <= lazy + 0.002  # no better than saying "well" to all


def test_weighting_lifts_recall_and_leaves_the_ranking_as_it_was(lesson):
    *_, plain = lesson.judged(100, 1)
    *_, weighted = lesson.judged(100, 99)
    assert weighted["recall"] > plain["recall"] + 0.5
    assert weighted["accuracy"] < plain["accuracy"]
    assert weighted["F1"] > plain["F1"]
    assert weighted["AUC"] == pytest.approx(plain["AUC"], abs=0.02)


def test_where_the_ill_are_not_rare_no_weight_is_needed(lesson):
    assert lesson.judged(2, 1)[2]["recall"] > 0.7


def test_rarity_changes_precision_and_not_recall_or_the_area(lesson):
    before, after = lesson.at_the_wall(1), lesson.at_the_wall(10)
    assert after["precision"] < 0.5 * before["precision"]
    for name in ("recall", "false-alarm rate", "AUC"):
        assert after[name] == pytest.approx(before[name])


def test_the_flagged_one_is_bayes_rule():
    from deepglass.course.widgets.answer import Answer

    flagged = next(w for w in opened("19_judging").widgets if isinstance(w, Answer) and w.name == "flagged")
    assert flagged.right == pytest.approx(100 * 0.99 * 0.001 / (0.99 * 0.001 + 0.01 * 0.999))


def test_a_wrong_score_is_told_which_and_what_was_expected():
    found = "def judge(t, a):\n    f = sum(x * y for x, y in zip(t, a))\n"
    swapped = found + "    return f / max(sum(t), 1), f / max(sum(a), 1), "
    assert "swapped" in tried("judge", swapped + "2 * f / max(sum(t) + sum(a), 1)").message
    divides = "def judge(t, a):\n    f = sum(x * y for x, y in zip(t, a))\n    return f / sum(a), f / sum(t), 0.5"
    assert "truth [1, 1, 1, 0, 0, 0]" in tried("judge", divides).message
    careless = load("judge").wrong[0]
    message = tried("judge", careless).message
    assert "ZeroDivisionError" in message
    assert "truth [1, 0] and answers [0, 0]" in message
