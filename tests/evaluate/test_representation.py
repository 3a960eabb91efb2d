"""Codes that are all alike have no spread, codes in all directions have one of 1; labels only judge."""

import numpy as np
import pytest

from deepglass.evaluate.metrics import representation


def test_the_spread_is_one_in_all_directions_and_nothing_after_a_collapse():
    rng = np.random.default_rng(0)
    assert representation.spread(rng.normal(size=(20_000, 16))) == pytest.approx(1, abs=0.01)
    assert representation.spread(np.ones((50, 16))) == 0
    few = rng.normal(size=(500, 8))
    assert representation.spread(few) == pytest.approx(representation.spread(few * rng.uniform(1, 9, (500, 1))))


def test_what_nobody_labelled_is_not_counted():
    truth, chances = np.array([0, 1, -1, 1]), np.eye(2)[[0, 0, 1, 1]]
    found = representation.evaluate(np.eye(4), np.eye(4), np.zeros(4), chances, truth)
    assert found["probe_accuracy"]["value"] == pytest.approx(2 / 3, abs=1e-3)
    assert found["details"]["labelled"] == 3
    without = representation.evaluate(np.eye(4), np.eye(4), np.ones(4), None, np.full(4, -1))
    assert "probe_accuracy" not in without
    assert without["headline"] == ["spread_of_codes", "pretext_loss"]
