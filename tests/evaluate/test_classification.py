"""Scores of classes equal scikit-learn's, ties and absent classes included."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate.metrics import classification
from deepglass.evaluate.metrics.classification import Tally
from deepglass.evaluate.scores import scores_of

K = 4
answered_questions = st.lists(st.tuples(st.integers(0, K - 1), st.integers(0, K - 1)), min_size=1, max_size=40)


@given(answered_questions)
@settings(max_examples=60, deadline=None)
@pytest.mark.filterwarnings("ignore:A single label was found")
def test_scores_of_hard_answers_equal_scikit_learn(pairs):
    targets, answers = np.array(pairs).T
    matrix = classification.confusion_matrix(targets, answers, K)
    tally = Tally.of(matrix)
    np.testing.assert_array_equal(matrix, sk.confusion_matrix(targets, answers, labels=range(K)))
    assert classification.accuracy(tally) == pytest.approx(sk.accuracy_score(targets, answers))
    for average, ours in {"macro": classification.macro, "weighted": classification.weighted}.items():
        theirs = sk.precision_recall_fscore_support(targets, answers, average=average, zero_division=0)[:3]
        values = [ours(f(tally), tally) for f in (classification.precision, classification.recall, classification.f1)]
        np.testing.assert_allclose(values, theirs, atol=1e-12)
    theirs = sk.precision_recall_fscore_support(targets, answers, labels=range(K), zero_division=0)
    records = classification.per_class(tally, list("abcd"))
    for column, name in zip(theirs, ("precision", "recall", "f1", "count")):
        np.testing.assert_allclose([record[name] for record in records], column, atol=1e-12)
    assert classification.mcc(tally) == pytest.approx(sk.matthews_corrcoef(targets, answers), abs=1e-12)


@given(answered_questions)
@settings(max_examples=40, deadline=None)
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:A single label was found")
def test_balanced_accuracy_is_the_mean_recall_of_the_classes_that_occur(pairs):
    targets, answers = np.array(pairs).T
    tally = Tally.of(classification.confusion_matrix(targets, answers, K))
    assert classification.balanced_accuracy(tally) == pytest.approx(sk.balanced_accuracy_score(targets, answers))


def test_evaluate_gives_micro_scores_as_scikit_learn_does():
    probabilities, targets = guesses(300, 5, seed=1)
    result = classification.evaluate(probabilities, targets, list("abcde"))
    answers = probabilities.argmax(1)
    assert result["f1_micro"]["value"] == pytest.approx(sk.f1_score(targets, answers, average="micro"))
    assert result["accuracy"]["value"] == pytest.approx(sk.precision_score(targets, answers, average="micro"))


@given(st.integers(2, 7), st.integers(1, 60), st.integers(0, 2**32 - 1), st.sampled_from([1, 8]))
@settings(max_examples=50, deadline=None)
def test_scores_of_probabilities_equal_scikit_learn(num_classes, count, seed, decimals):
    probabilities, targets = guesses(count, num_classes, seed, decimals)
    labels = list(range(num_classes))
    losses = classification.log_losses(probabilities, targets)
    assert losses.mean() == pytest.approx(sk.log_loss(targets, probabilities, labels=labels), abs=1e-9)
    truth = np.eye(num_classes)[targets]
    brier = ((probabilities - truth) ** 2).sum(1).mean() / (2 if num_classes == 2 else 1)
    assert classification.brier_scores(probabilities, targets).mean() == pytest.approx(brier, abs=1e-12)
    for k in range(1, num_classes):
        if num_classes > 2:
            theirs = sk.top_k_accuracy_score(targets, probabilities, k=k, labels=labels)
            assert classification.top_k_hits(probabilities, targets, k).mean() == pytest.approx(theirs)


def test_brier_of_two_classes_equals_scikit_learn():
    probabilities, targets = guesses(200, 2, seed=0)
    theirs = sk.brier_score_loss(targets, probabilities[:, 1])
    assert classification.brier_scores(probabilities, targets).mean() == pytest.approx(theirs)


def test_every_headline_score_has_an_interval_around_its_value():
    for num_classes in (2, 3, 8):
        probabilities, targets = guesses(400, num_classes, seed=num_classes)
        result = classification.evaluate(probabilities, targets, [str(k) for k in range(num_classes)])
        assert len(result["headline"]) == 3
        for name in result["headline"]:
            entry = result[name]
            assert entry["low"] < entry["value"] < entry["high"], name


def test_intervals_of_resampled_matrices_equal_those_of_resampled_rows():
    probabilities, targets = guesses(500, 4, seed=3)
    result = classification.evaluate(probabilities, targets, list("abcd"))
    answers, rng, values = probabilities.argmax(1), np.random.default_rng(0), []
    for _ in range(300):
        rows = rng.integers(0, 500, 500)
        values.append(sk.f1_score(targets[rows], answers[rows], average="macro"))
    low, high = np.percentile(values, [2.5, 97.5])
    assert result["f1_macro"]["low"] == pytest.approx(low, abs=0.015)
    assert result["f1_macro"]["high"] == pytest.approx(high, abs=0.015)


def test_an_absent_class_is_counted_as_not_tested_and_spoils_no_score():
    probabilities, targets = guesses(50, 3, seed=0)
    wider = np.concatenate([probabilities, np.zeros((50, 1))], axis=1)
    narrow = scores_of(classification.evaluate(probabilities, targets, list("abc")))
    result = classification.evaluate(wider, targets, list("abcd"))
    assert result["details"]["per_class"][3]["count"] == 0
    for name in ("accuracy", "f1_macro", "balanced_accuracy", "log_loss", "roc_auc"):
        assert result[name]["value"] == pytest.approx(narrow[name]["value"])


def test_one_class_alone_has_no_ranking_and_still_a_result():
    result = classification.evaluate(np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([0, 0]), ["a", "b"])
    assert "roc_auc" not in result
    assert result["headline"] == ["accuracy", "f1_macro", "log_loss"]


def test_confusions_come_most_frequent_first():
    matrix = np.array([[5, 1, 0], [3, 5, 0], [0, 0, 5]])
    pairs = classification.confusions(matrix, list("abc"))
    assert [(p["target"], p["predicted"], p["count"]) for p in pairs] == [("b", "a", 3), ("a", "b", 1)]


def test_what_does_not_fit_is_refused_in_words():
    probabilities, targets = guesses(5, 3, seed=0)
    with pytest.raises(ShapeError, match=r"expected probabilities of shape \(5, 2\)"):
        classification.evaluate(probabilities, targets, ["a", "b"])
    with pytest.raises(DataError, match="targets from 0 to 2, got 0 to 3"):
        classification.evaluate(probabilities, np.array([0, 1, 2, 3, 0]), list("abc"))
    with pytest.raises(DataError, match="not numbers"):
        classification.evaluate(probabilities * np.nan, targets, list("abc"))
    with pytest.raises(DataError, match="at least one example"):
        classification.evaluate(np.zeros((0, 3)), np.zeros(0, int), list("abc"))


def guesses(count: int, num_classes: int, seed: int, decimals: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that know a little; few decimals make many ties."""
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, num_classes, count)
    scores = (rng.random((count, num_classes)) + 0.6 * np.eye(num_classes)[targets]).round(decimals) + 0.01
    return scores / scores.sum(1, keepdims=True), targets
