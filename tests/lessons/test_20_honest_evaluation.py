"""What lesson 20 claims about honest evaluation.

That folds are disjoint and exhaustive and that groups never cross is held by tests/data/test_folds.py, the interval
over folds by tests/evaluate/test_cross_validation.py, and the false-positive rates of McNemar's test and of the paired
bootstrap by tests/evaluate/test_comparison.py.
"""

import numpy as np
import pytest

from deepglass.data.folds import stratified_folds
from deepglass.evaluate.paired import mcnemar
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("20_honest_evaluation").module


def test_choosing_columns_before_the_folds_inflates_the_score_of_pure_noise(lesson):
    told, true = lesson.said_and_true(lesson.COUNTS).T
    assert told[-1] > 0.87
    assert np.abs(true - 0.5).max() < 0.08
    assert (np.diff(told) > -0.02).all()  # the more columns to choose from, the worse the lie


def test_without_a_choice_there_is_no_leak(lesson):
    told, true = lesson.said_and_true([lesson.KEPT])[0]
    assert told == true


def test_every_row_is_tested_once_and_the_interval_is_the_corrected_one(lesson):
    from scipy import stats

    X, y = lesson.two_clouds(120, seed=4)
    parts = stratified_folds(y, 5)
    assert sorted(np.concatenate([test for _, test in parts])) == list(range(120))
    told, told_of_all = lesson.judged(X, y, parts)
    half = stats.t.ppf(0.975, 4) * np.std(told, ddof=1) * np.sqrt(1 / 5 + 1 / 4)
    assert told_of_all["value"] == pytest.approx(np.mean(told))
    assert told_of_all["high"] - told_of_all["value"] == pytest.approx(half)


def test_equally_good_models_differ_and_the_test_is_seldom_fooled(lesson):
    differ, called = lesson.false_alarms()
    assert differ > 0.5
    assert called <= 0.05


def test_more_questions_tell_a_small_difference_from_luck(lesson):
    few, many = (mcnemar(*lesson.two_models(count))["p_value"] for count in (100, 800))
    assert few > 0.05 > many


def test_single_visits_leak_and_whole_patients_do_not(lesson):
    broken, (train, test) = lesson.doctor(False)[0].mean(), lesson.doctor(False)[1][0]
    who = lesson.visits()[2]
    assert broken > 0.9
    assert set(who[train]) & set(who[test])
    right, parts = lesson.doctor(True)
    assert abs(right.mean() - 0.5) < 0.15
    assert not any(set(who[train]) & set(who[test]) for train, test in parts)


def cross_validation(kept: str, score: str) -> str:
    return (
        "def honest_score(X, y, folds, choose, score):\n    told = []\n    for train, test in folds:\n"
        f"        kept = {kept}\n        told.append(score({score}))\n    return sum(told) / len(told)"
    )


@pytest.mark.parametrize(
    ("kept", "score", "said"),
    [
        ("choose(X, y)", "X[train][:, kept], y[train], X[test][:, kept], y[test]", "yet choose was shown rows"),
        ("choose(X[train], y[train])", "X[:, kept], y, X[test][:, kept], y[test]", "trained on rows"),
        ("choose(X[train], y[train])", "X[train][:, kept], y[train], X[train][:, kept], y[train]", "has seen some"),
        (
            "choose(X[train], y[train])",
            "X[train][:, kept], y[train][::-1], X[test][:, kept], y[test]",
            "belong together",
        ),
        ("choose(X[train], y[train])", "X[train], y[train], X[test], y[test]", "choose said columns"),
    ],
)
def test_every_leak_is_told_which_rows_it_saw(kept, score, said):
    assert said in tried("honest_score", cross_validation(kept, score)).message


def test_a_choice_made_once_is_told_so():
    code = (
        "def honest_score(X, y, folds, choose, score):\n    kept = choose(X, y)\n    return sum(\n        "
        "score(X[a][:, kept], y[a], X[b][:, kept], y[b]) for a, b in folds\n    ) / len(folds)"
    )
    assert "called 1 times" in tried("honest_score", code).message
