"""Reweighed rows leave group and class independent, whoever is missing."""

import numpy as np
import pytest

from deepglass.data.reweighing import reweighing


def test_reweighed_rows_leave_group_and_class_independent():
    groups = np.array(["a"] * 60 + ["b"] * 40)
    labels = np.array([1] * 45 + [0] * 15 + [1] * 10 + [0] * 30, bool)
    weights = reweighing(groups, labels)
    shares = [weights[(groups == g) & labels].sum() / weights[groups == g].sum() for g in "ab"]
    assert shares[0] == pytest.approx(shares[1])
    assert weights.mean() == pytest.approx(1)


def test_what_is_independent_already_is_left_alone():
    groups, labels = np.repeat(["a", "b"], 30), np.tile([True, False, False], 20)
    assert reweighing(groups, labels) == pytest.approx(np.ones(60))


def test_a_pair_without_a_row_takes_its_weight_away():
    groups, labels = np.array(["a", "a", "b", "b"]), np.array([True, False, False, False])
    weights = reweighing(groups, labels)
    assert np.isfinite(weights).all()
    assert weights.tolist() == pytest.approx([0.5, 1.5, 0.75, 0.75])
