"""Wrong labels are found where they were planted; cleanlab is the judge of the counting."""

import numpy as np
import pytest

from deepglass.diagnosis.label_errors import (
    confident_joint,
    find_wrong_labels,
    noise_where_sure,
    scores,
    thresholds,
    wrong_labels,
)  # fmt: skip


def planted(seed: int = 0, count: int = 400, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three blobs, labels of which a tenth was changed, and where."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 3, count)
    X = rng.normal(size=(count, 2)) + 4 * np.array([[0, 0], [1, 0], [0, 1]])[true]
    wrong = rng.random(count) < noise
    return X, np.where(wrong, (true + rng.integers(1, 3, count)) % 3, true), wrong


def probabilities(seed: int = 0, count: int = 500) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, count)
    logits = rng.normal(size=(count, 4)) + 3 * np.eye(4)[np.where(rng.random(count) < 0.1, (labels + 1) % 4, labels)]
    odds = np.exp(logits)
    return odds / odds.sum(axis=1, keepdims=True), labels


@pytest.mark.parametrize("seed", [0, 1])
def test_a_tenth_of_wrong_labels_is_found(seed):
    X, labels, wrong = planted(seed)
    found = find_wrong_labels(X, labels)
    precision, recall = wrong[found].mean(), len(set(found) & set(np.flatnonzero(wrong))) / wrong.sum()
    assert precision >= 0.8
    assert recall >= 0.8


def test_right_labels_are_left_alone():
    X, labels, _ = planted(noise=0.0)
    assert len(find_wrong_labels(X, labels)) < 0.03 * len(labels)


def test_the_surest_come_first():
    P, labels = probabilities()
    found = wrong_labels(P, labels)
    assert (np.diff(scores(P, labels)[found]) >= 0).all()


def test_classes_that_overlap_are_no_noise_and_noise_is():
    rng = np.random.default_rng(0)
    p = rng.random(4000)
    calibrated = np.stack([p, 1 - p], axis=1)
    labels = (rng.random(4000) > p).astype(int)
    share, lower = noise_where_sure(calibrated, labels)
    assert lower < 0.1
    flipped = np.where(rng.random(4000) < 0.25, 1 - labels, labels)
    assert noise_where_sure(calibrated, flipped)[1] > share + 0.1


def test_a_class_without_examples_and_one_class_are_no_error():
    P, labels = probabilities()
    labels = np.where(labels == 3, 2, labels)
    assert thresholds(P, labels)[3] == 1.0
    assert confident_joint(P, labels).sum() == pytest.approx(len(labels))
    assert len(find_wrong_labels(np.zeros((50, 2)), np.zeros(50))) == 0


def test_counts_and_suspects_are_cleanlabs():
    count = pytest.importorskip("cleanlab.count", reason="cleanlab is a judge in tests alone")
    rank = pytest.importorskip("cleanlab.rank")
    filter_ = pytest.importorskip("cleanlab.filter")
    P, labels = probabilities()
    theirs = count.compute_confident_joint(labels, P)
    ours = confident_joint(P, labels)
    assert np.abs(ours - theirs).max() <= 1.5  # theirs are whole numbers
    judged = filter_.find_label_issues(labels, P, filter_by="prune_by_noise_rate")
    found = np.zeros(len(labels), dtype=bool)
    found[wrong_labels(P, labels)] = True
    assert (found & judged).sum() / (found | judged).sum() > 0.85
    margin = rank.get_normalized_margin_for_each_label(labels, P)
    assert np.array_equal(np.argsort(margin, kind="stable"), np.argsort(scores(P, labels), kind="stable"))
