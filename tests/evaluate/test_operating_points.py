"""Cuts for a wanted specificity: chosen on validation, measured on the test."""

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from deepglass.evaluate import operating_points, thresholds


def made(rows=400, seed=0):
    rng = np.random.default_rng(seed)
    is_case = rng.random(rows) < 0.3
    return np.round(np.clip(rng.normal(0.35 + 0.25 * is_case, 0.15), 0, 1), 2), is_case


@pytest.mark.parametrize("wanted", [0.5, 0.8, 0.9, 0.95, 1.0])
def test_a_cut_leaves_as_many_in_peace_as_is_wanted_and_finds_what_scikit_learn_finds(wanted):
    chances, is_case = made()
    found = operating_points.measured(chances, is_case, operating_points.cut_for(chances[~is_case], wanted))
    assert found["specificity"]["value"] >= wanted
    fpr, tpr, _ = roc_curve(is_case, chances, drop_intermediate=False)
    assert found["sensitivity"]["value"] == pytest.approx(tpr[1 - fpr >= wanted - 1e-9].max())


def test_the_test_is_measured_at_the_cut_of_validation():
    val, test = made(seed=1), made(seed=2)
    for row in operating_points.rows(val, test):
        again = operating_points.measured(*test, row["threshold"])
        assert {name: row[name] for name in again} == again
        assert row["specificity"]["low"] <= row["specificity"]["value"] <= row["specificity"]["high"]
    assert any(row["specificity"]["value"] != row["wanted"] for row in operating_points.rows(val, test))


def test_a_test_without_cases_has_no_sensitivity():
    chances, _ = made()
    found = operating_points.measured(chances, np.zeros(len(chances), bool), 0.5)
    assert found["sensitivity"]["value"] is None
    assert found["specificity"]["value"] is not None


def test_the_table_of_cuts_has_them():
    sides = [(np.stack([1 - chances, chances], 1), is_case.astype(int)) for chances, is_case in (made(), made(seed=1))]
    found = thresholds.table(*sides, ["well", "ill"])
    assert found["class"] == "ill"
    assert [row["wanted"] for row in found["at_specificity"]] == list(operating_points.SPECIFICITIES)
