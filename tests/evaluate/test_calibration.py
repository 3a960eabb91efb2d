"""Reliability: bins add up, and the error is that of the definition."""

import numpy as np
import pytest

from deepglass.evaluate import calibration


def test_a_calibrated_model_has_almost_no_error_and_an_oversure_one_its_gap():
    rng = np.random.default_rng(0)
    honest = rng.uniform(0.5, 1, 40_000)
    targets = (rng.random(40_000) > honest).astype(int)  # class 0 with the probability that was announced
    error = lambda p: calibration.expected_error(calibration.reliability(np.stack([p, 1 - p], 1), targets))  # noqa: E731
    assert error(honest) < 0.01
    assert error(np.full(40_000, 0.95)) == pytest.approx(0.95 - (targets == 0).mean(), abs=1e-9)


def test_chance_alone_explains_the_error_of_an_honest_model():
    rng = np.random.default_rng(0)
    errors, expected = [], []
    for _ in range(200):
        honest = rng.uniform(0.5, 1, 300)
        targets = (rng.random(300) > honest).astype(int)
        bins = calibration.reliability(np.stack([honest, 1 - honest], 1), targets)
        errors.append(calibration.expected_error(bins))
        expected.append(calibration.chance_error(bins))
    assert np.mean(errors) == pytest.approx(np.mean(expected), rel=0.05)


def test_bins_hold_every_answer_once_and_contain_their_upper_end():
    probabilities = np.array([[0.6, 0.4], [1.0, 0.0], [0.5, 0.5], [0.61, 0.39]])
    bins = calibration.reliability(probabilities, np.array([0, 0, 1, 1]), num_bins=10)
    assert [(b["low"], b["count"]) for b in bins] == [(0.4, 1), (0.5, 1), (0.6, 1), (0.9, 1)]
    assert [b["accuracy"] for b in bins] == [0.0, 1.0, 0.0, 1.0]
    by_hand = (abs(0 - 0.5) + abs(1 - 0.6) + abs(0 - 0.61) + 0) / 4
    assert calibration.expected_error(bins) == pytest.approx(by_hand)
    assert calibration.lean(bins) == pytest.approx((0.5 - 0.4 + 0.61 + 0) / 4)
