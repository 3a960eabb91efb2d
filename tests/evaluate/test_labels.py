"""Scores of several labels at once, held against scikit-learn."""

import warnings

import numpy as np
import pytest
from sklearn import metrics as judge

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate import curves
from deepglass.evaluate.intervals import bootstrap
from deepglass.evaluate.metrics import labels

NAMES = [f"label {i}" for i in range(7)]
THRESHOLDS = np.array([0.4, 0.4, 0.4, 0.2, 0.5, 0.4, 0.4])


def drawn(count=300, seed=0):
    """Truth and rounded probabilities, so that some tie; label 5 never occurs, label 6 always."""
    rng = np.random.default_rng(seed)
    truth = (rng.random((count, 7)) < rng.uniform(0.05, 0.5, 7)).astype(int)
    truth[:, 5], truth[:, 6] = 0, 1
    chances = np.clip(rng.normal(0.3 + 0.3 * truth, 0.2), 0.01, 0.99).round(2)
    return chances, truth


@pytest.fixture(scope="module")
def judged():
    chances, truth = drawn()
    return labels.evaluate(chances, truth, NAMES, THRESHOLDS), chances, truth, chances >= THRESHOLDS


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("average", ["micro", "macro", "weighted"])
@pytest.mark.parametrize("name", ["f1", "precision", "recall"])
def test_scores_of_labels_are_those_of_scikit_learn(judged, name, average):
    result, _, truth, answers = judged
    expected = getattr(judge, f"{name}_score")(truth, answers, average=average, zero_division=0)
    entry = result[f"{name}_{average}"]
    assert entry["value"] == pytest.approx(expected)
    assert entry["low"] <= entry["value"] <= entry["high"]


def test_scores_of_examples_are_those_of_scikit_learn(judged):
    result, chances, truth, answers = judged
    f1 = judge.f1_score(truth, answers, average="samples", zero_division=1)
    assert result["f1_examples"]["value"] == pytest.approx(f1)
    for name in ("precision", "recall"):
        expected = getattr(judge, f"{name}_score")(truth, answers, average="samples", zero_division=0)
        assert result[f"{name}_examples"]["value"] == pytest.approx(expected)  # no example is empty on both sides here
    assert result["subset_accuracy"]["value"] == pytest.approx(judge.accuracy_score(truth, answers))
    assert result["hamming_loss"]["value"] == pytest.approx(judge.hamming_loss(truth, answers))
    each = [judge.log_loss(truth[:, i], chances[:, i], labels=[0, 1]) for i in range(7)]
    assert result["log_loss"]["value"] == pytest.approx(np.mean(each))


def test_ranking_counts_ties_as_scikit_learn_does_and_leaves_out_examples_without_a_label():
    chances, truth = drawn()
    truth[:, 6] = 0
    has_label = truth.any(axis=1)
    assert 0 < has_label.sum() < len(truth)
    expected = judge.label_ranking_average_precision_score(truth[has_label], chances[has_label])
    found = labels.ranking_precisions(chances, truth.astype(bool))
    assert np.isnan(found).tolist() == (~has_label).tolist()
    assert np.nanmean(found) == pytest.approx(expected)


def test_areas_are_means_over_the_labels_that_occur_and_do_not_always(judged):
    result, chances, truth, _ = judged
    own = slice(0, 5)
    assert result["roc_auc"]["value"] == pytest.approx(judge.roc_auc_score(truth[:, own], chances[:, own]))
    area = judge.average_precision_score(truth[:, own], chances[:, own])
    assert result["average_precision"]["value"] == pytest.approx(area)


def test_the_interval_of_the_average_precision_is_that_of_resampled_examples():
    rng = np.random.default_rng(1)
    truth = rng.random((800, 3)) < (0.2, 0.4, 0.6)
    chances = np.clip(rng.normal(0.4 + 0.2 * truth, 0.25), 0, 1).round(2)
    result = labels.evaluate(chances, truth.astype(int), NAMES[:3], np.full(3, 0.5))
    low, high = bootstrap(lambda t, p: judge.average_precision_score(t, p), truth, chances, resamples=200)
    entry = result["average_precision"]
    assert entry["low"] == pytest.approx(low, abs=0.01)
    assert entry["high"] == pytest.approx(high, abs=0.01)


def test_how_far_examples_pull_the_average_precision_is_its_change_when_one_counts_more():
    rng = np.random.default_rng(2)
    chances, is_positive = rng.random(40).round(1), rng.random(40) < 0.4
    ladder = curves.Ladder.of(chances, is_positive)
    pull = labels.precision_pull(ladder, is_positive)
    usual, more = judge.average_precision_score(is_positive, chances), 1e-5
    for i in (0, 7, 23):
        weights = np.ones(40)
        weights[i] += more
        changed = judge.average_precision_score(is_positive, chances, sample_weight=weights)
        assert pull[i] / 40 == pytest.approx((changed - usual) / more, abs=1e-4)
    assert pull.mean() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("is_macro", [False, True])
def test_pulled_f1_has_the_mean_and_the_spread_of_f1(is_macro):
    chances, truth = drawn(600)
    truth, answers = truth.astype(bool), chances >= THRESHOLDS
    pulled = labels.pulled_f1(answers, truth, is_macro=is_macro)
    average = "macro" if is_macro else "micro"
    own = (truth | answers).any(axis=0)
    assert pulled.mean() == pytest.approx(judge.f1_score(truth[:, own], answers[:, own], average=average))
    result = labels.evaluate(chances, truth.astype(int), NAMES, THRESHOLDS)[f"f1_{average}"]
    half = 1.96 * pulled.std() / np.sqrt(len(pulled))
    assert (result["high"] - result["low"]) / 2 == pytest.approx(half, rel=0.15)


def test_an_example_without_labels_that_gets_none_is_right():
    truth, answers = np.zeros((2, 3), bool), np.zeros((2, 3), bool)
    answers[1, 0] = True
    found = labels.per_example(answers, truth)
    assert {name: values.tolist() for name, values in found.items()} == {name: [1.0, 0.0] for name in found}


def test_details_say_how_each_label_fares(judged):
    result, _, truth, answers = judged
    record = result["details"]["per_class"][3]
    assert record["class"] == "label 3"
    assert record["threshold"] == 0.2
    assert record["count"] == truth[:, 3].sum()
    assert record["predicted"] == answers[:, 3].sum()
    assert record["f1"] == pytest.approx(judge.f1_score(truth[:, 3], answers[:, 3]))
    assert result["details"]["labels_per_example"]["truth"] == pytest.approx(truth.sum(axis=1).mean())


def test_reliability_holds_probabilities_against_how_often_the_label_was_true():
    chances = np.repeat([[0.9, 0.1]], 50, axis=0)
    truth = np.zeros((50, 2), int)
    truth[:45, 0], truth[:5, 1] = 1, 1
    bins = labels.reliability(chances, truth)
    assert [(round(b["confidence"], 2), b["accuracy"], b["count"]) for b in bins] == [(0.1, 0.1, 50), (0.9, 0.9, 50)]


def test_nothing_true_and_nothing_answered_is_scored_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = labels.evaluate(np.full((5, 2), 0.1), np.zeros((5, 2), int), ["a", "b"], np.full(2, 0.5))
    assert result["f1_micro"]["value"] == 0
    assert result["subset_accuracy"]["value"] == 1
    assert result["ranking_average_precision"]["value"] is None
    assert "roc_auc" not in result


def test_what_does_not_fit_is_refused():
    chances, truth = drawn(10)
    with pytest.raises(ShapeError, match="probabilities of shape"):
        labels.evaluate(chances[:, :6], truth, NAMES, THRESHOLDS)
    with pytest.raises(ShapeError, match="a threshold of each of 7 labels"):
        labels.evaluate(chances, truth, NAMES, THRESHOLDS[:3])
    with pytest.raises(DataError, match="at least one example"):
        labels.evaluate(chances[:0], truth[:0], NAMES, THRESHOLDS)
    with pytest.raises(DataError, match="targets of 0 and 1"):
        labels.evaluate(chances, truth * 2, NAMES, THRESHOLDS)
    with pytest.raises(DataError, match="diverged"):
        labels.evaluate(chances * np.nan, truth, NAMES, THRESHOLDS)
