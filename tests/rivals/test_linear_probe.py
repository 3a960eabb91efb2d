"""A linear probe is scikit-learn's logistic regression of standardised features, and judges by what it was shown."""

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from deepglass.rivals import linear_probe

PROVES = {
    "test_it_is_logistic_regression_of_standardised_features": ("rivals/linear_probe.py",)
}  # read by `deepglass read`


def blobs(count=120, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=count)
    return (rng.normal(size=(count, 4)) + 2 * np.eye(3, 4)[y]) * [1, 10, 100, 1], y


def test_it_is_logistic_regression_of_standardised_features():
    X, y = blobs()
    probe = linear_probe.fit((X, y), (X[:0], y[:0]), 3)
    scaler = StandardScaler().fit(X)
    theirs = LogisticRegression(C=linear_probe.STRENGTHS[0], max_iter=1000).fit(scaler.transform(X), y)
    new, _ = blobs(seed=1)
    np.testing.assert_allclose(probe(new), theirs.predict_proba(scaler.transform(new)), atol=1e-3)


def test_validation_chooses_the_penalty_and_unknown_classes_teach_nothing():
    (X, y), val = blobs(), blobs(seed=2)
    chosen = linear_probe.fit((X, y), val, 3)
    losses = []
    for strength in linear_probe.STRENGTHS:
        scaler = StandardScaler().fit(X)
        theirs = LogisticRegression(C=strength, max_iter=1000).fit(scaler.transform(X), y)
        losses.append(linear_probe.surprise(theirs.predict_proba(scaler.transform(val[0])), val[1]).mean())
    assert linear_probe.surprise(chosen(val[0]), val[1]).mean() == pytest.approx(min(losses), abs=1e-3)
    strangers = np.full((50, 4), 1e6), np.full(50, -1)
    more = linear_probe.fit(tuple(np.concatenate(parts) for parts in zip((X, y), strangers)), val, 3)
    np.testing.assert_allclose(more(val[0]), chosen(val[0]))


def test_a_class_that_nobody_showed_is_never_said_and_one_class_alone_has_no_probe():
    X, y = blobs()
    probe = linear_probe.fit((X[y < 2], y[y < 2]), (X, y), 3)
    assert probe(X).shape == (120, 3)
    assert (probe(X).argmax(axis=1) < 2).all()
    assert linear_probe.fit((X[y == 0], y[y == 0]), (X, y), 3) is None


def test_it_comes_back_from_json_and_what_is_no_probe_is_refused():
    X, y = blobs()
    probe = linear_probe.fit((X, y), (X, y), 3)
    state = json.loads(json.dumps(probe.state()))
    np.testing.assert_allclose(linear_probe.Probe.from_state(state)(X), probe(X), atol=1e-4)
    for broken in ({**state, "bias": [0.0]}, {**state, "std": [0.0] * 4}, {**state, "mean": [0.0]}):
        with pytest.raises(ValueError, match=r"\w"):
            linear_probe.Probe.from_state(broken)
