"""The generated patients are what their docstring says."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from deepglass.data.datasets import patients


@pytest.fixture(scope="module")
def many():
    return patients.patients(40_000, seed=1)


def test_the_table_holds_what_happened_and_not_the_risk():
    table = patients.load()
    assert table.target == "event"
    assert list(table.frame.columns) == ["age", "sex", "smoker", "pressure", "cholesterol", "marker", "event"]
    assert not table.frame.duplicated().any()
    assert table.frame.equals(patients.load().frame)


def test_of_those_with_a_risk_of_so_much_so_many_fell_ill(many):
    happened = (many["event"] == "yes").to_numpy()
    for low in np.arange(0, 0.9, 0.1):
        at = many["risk"].between(low, low + 0.1).to_numpy()
        assert happened[at].mean() == pytest.approx(many["risk"][at].mean(), abs=4 * np.sqrt(0.25 / at.sum()))


def test_the_marker_says_less_about_women_and_its_absence_is_good_news(many):
    happened, marker = many["event"] == "yes", many["marker"]
    at = {sex: (many["sex"] == sex) & marker.notna() for sex in ("woman", "man")}
    area = {sex: roc_auc_score(happened[rows], marker[rows]) for sex, rows in at.items()}
    assert area["man"] > area["woman"] + 0.04
    assert happened[marker.isna()].mean() < 0.5 * happened[marker.notna()].mean()
    assert 0.2 < marker.isna().mean() < 0.45
