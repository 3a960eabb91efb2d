"""Risks by group: a promise that holds for all together can be broken for some."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from deepglass.evaluate import risk_groups


@pytest.fixture(scope="module")
def made():
    """Men are told too much and women too little; together it is right."""
    rng = np.random.default_rng(0)
    sex = np.where(rng.random(3000) < 0.5, "woman", "man")
    risk = rng.uniform(0.1, 0.5, 3000)
    is_case = rng.random(3000) < risk + np.where(sex == "woman", 0.08, -0.08)
    return sex, risk, is_case


def test_a_group_that_is_promised_too_little_stands_out_though_all_together_do_not(made):
    sex, risk, is_case = made
    found = {row["group"]: row for row in risk_groups.rows(sex, risk, is_case, 0.3)}
    assert (found["woman"]["promises"], found["man"]["promises"]) == ("too little", "too much")
    together = risk_groups.rows(np.full(3000, "all"), risk, is_case, 0.3)
    assert together[0]["promises"] == ""
    assert [name.split(":")[0] for name in risk_groups.surprises(found.values(), "ill")] == list(found)


def test_each_row_is_that_of_its_examples_alone(made):
    sex, risk, is_case = made
    for row in risk_groups.rows(sex, risk, is_case, 0.3):
        own = sex == row["group"]
        assert (row["count"], row["cases"]) == (own.sum(), is_case[own].sum())
        assert row["risk"] == pytest.approx(risk[own].mean())
        assert row["share"]["value"] == pytest.approx(is_case[own].mean())
        assert row["roc_auc"]["value"] == pytest.approx(roc_auc_score(is_case[own], risk[own]))
        assert row["sensitivity"]["value"] == pytest.approx((risk[own & is_case] > 0.3).mean())
        assert row["specificity"]["value"] == pytest.approx((risk[own & ~is_case] <= 0.3).mean())


def test_of_few_examples_less_is_said(made):
    _, risk, _ = made
    names = np.array(["many"] * 100 + ["few"] * 20)
    found = risk_groups.rows(names, risk[:120], np.arange(120) % 2 == 0, 0.3)
    assert [row["group"] for row in found] == ["many", "few"]
    assert found[1]["is_small"]
    assert found[1]["promises"] == ""
    assert risk_groups.rows(names, risk[:120], np.arange(120) < 9, 0.3)[0]["roc_auc"]["value"] is None
