"""Simple models that judge data: rare classes, other examples, texts of different lengths."""

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from deepglass.diagnosis import probes


def test_areas_under_the_curve_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 2, 300)
    score = rng.normal(size=300) + 0.4 * codes
    area = roc_auc_score(codes, score)
    n, m = codes.sum(), (1 - codes).sum()
    expected = (area - 0.5) / np.sqrt((n + m + 1) / (12 * n * m))
    assert probes.sigmas_of(np.stack([-score, score], axis=1), codes) == pytest.approx(expected)


def rare(is_linked: bool):
    """A twentieth of the rows, which one column tells without being sure; or nothing does."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(500, 4))
    y = (X[:, 0] + 1.2 * rng.normal(size=500) > 2.6).astype(float)
    return X, y if is_linked else rng.permutation(y)


def test_a_rare_class_is_linked_though_accuracy_gains_nothing():
    found = probes.link(*rare(True), is_class=True)
    assert found.skill < 0.02
    assert found.is_there
    assert not probes.link(*rare(False), is_class=True).is_there


def test_what_was_learnt_holds_for_others_of_the_same_kind_alone():
    rng = np.random.default_rng(2)
    X, Xn = rng.normal(size=(120, 3)), rng.normal(size=(120, 3))
    y, yn = (X[:, 0] > 0).astype(float), (Xn[:, 0] > 0).astype(float)
    assert probes.transferred(X, y, Xn, yn, is_class=True) > 0.3
    assert probes.transferred(X, y, Xn[:, ::-1], yn, is_class=True) < 0.15


def test_texts_of_two_lengths_have_the_same_columns():
    short, long = torch.randint(1, 9, (5, 3)), torch.randint(1, 12, (4, 7))
    a, b = probes.features_of((short, long))
    assert a.shape[1] == b.shape[1]
    assert a[:, 1:].sum() == 15
    assert b[:, 1:].sum() == 28
