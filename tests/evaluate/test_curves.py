"""Curves and areas equal scikit-learn's, ties included; DeLong's interval covers as it says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from deepglass.evaluate import curves

scored = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: len({positive for _, positive in rows}) == 2
)


@given(scored)
@settings(max_examples=80, deadline=None)
def test_curves_equal_scikit_learn_with_ties(rows):
    scores, positives = np.array([s for s, _ in rows], float), np.array([p for _, p in rows])
    ladder = curves.Ladder.of(scores, positives)
    fpr, tpr, thresholds = curves.roc_curve(ladder)
    theirs = sk.roc_curve(positives, scores, drop_intermediate=False)
    for ours, other in zip((fpr, tpr, thresholds), theirs):
        np.testing.assert_allclose(ours, other)
    precision, recall, _ = curves.precision_recall_curve(ladder)
    their_precision, their_recall, _ = sk.precision_recall_curve(positives, scores)
    np.testing.assert_allclose(precision, their_precision[::-1])
    np.testing.assert_allclose(recall, their_recall[::-1])


@given(scored)
@settings(max_examples=80, deadline=None)
def test_areas_equal_scikit_learn_with_ties(rows):
    scores, positives = np.array([s for s, _ in rows], float), np.array([p for _, p in rows])
    ladder = curves.Ladder.of(scores, positives)
    assert curves.roc_auc(ladder) == pytest.approx(sk.roc_auc_score(positives, scores))
    assert curves.average_precision(ladder) == pytest.approx(sk.average_precision_score(positives, scores))


def test_the_area_of_many_classes_is_one_against_the_rest():
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 5, 400)
    scores = rng.random((400, 5)) + 0.3 * np.eye(5)[targets]
    probabilities = scores / scores.sum(1, keepdims=True)
    result = curves.evaluate(probabilities, targets, list("abcde"))
    theirs = sk.roc_auc_score(targets, probabilities, multi_class="ovr", average="macro")
    assert result["roc_auc"]["value"] == pytest.approx(theirs)
    assert result["average_precision"]["value"] == pytest.approx(
        sk.average_precision_score(np.eye(5)[targets], probabilities, average="macro")
    )


def test_the_interval_of_the_area_covers_the_truth_as_often_as_it_says():
    rng, hits = np.random.default_rng(0), 0
    truth = 0.8413447  # P(N(√2, 1) > N(0, 1)) = Φ(1)
    for _ in range(400):
        targets = (np.arange(120) < 40).astype(int)
        scores = rng.normal(targets * np.sqrt(2), 1)
        probabilities = np.stack([-scores, scores], axis=1)
        interval = curves.evaluate(probabilities, targets, ["no", "yes"])["roc_auc"]
        hits += interval["low"] <= truth <= interval["high"]
    assert 0.92 <= hits / 400 <= 0.98


def test_the_pull_of_the_rows_is_delongs_variance():
    rng = np.random.default_rng(0)
    positives = np.arange(60) < 25
    scores = (rng.normal(size=60) + positives).round(1)
    ladder = curves.Ladder.of(scores, positives)
    area, pull = curves.roc_auc(ladder), curves.auc_pull(ladder, positives)
    place = lambda s, others: np.mean((s > others) + 0.5 * (s == others))  # noqa: E731
    of_positives = [place(s, scores[~positives]) for s in scores[positives]]
    of_negatives = [1 - place(s, scores[positives]) for s in scores[~positives]]
    variance = np.var(of_positives) / 25 + np.var(of_negatives) / 35
    assert area == pytest.approx(np.mean(of_positives))
    assert pull.mean() == pytest.approx(0, abs=1e-12)
    assert np.mean(pull**2) / 60 == pytest.approx(variance)


def test_thinning_keeps_ends_and_area():
    x = np.linspace(0, 1, 5000)
    thin_x, thin_y = curves.thin(x, np.sqrt(x))
    assert len(thin_x) <= 120
    assert (thin_x[0], thin_x[-1], thin_y[-1]) == (0, 1, 1)
    assert np.trapezoid(thin_y, thin_x) == pytest.approx(2 / 3, abs=1e-3)
