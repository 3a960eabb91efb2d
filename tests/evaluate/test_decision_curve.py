"""Net benefit as the paper defines it, and where a model surely beats treating everybody and nobody."""

import numpy as np
import pytest

from deepglass.evaluate import decision_curve
from deepglass.evaluate.decision_curve import THRESHOLDS, net_benefit, treat_all


def made(rows=2000, seed=0):
    """True risks, and what happened."""
    rng = np.random.default_rng(seed)
    risks = 1 / (1 + np.exp(-(1.5 * rng.normal(size=rows) - 1.5)))
    return risks, rng.random(rows) < risks


def test_net_benefit_counts_found_less_alarms_at_the_price_of_the_threshold():
    risks, is_case = made(200)
    for threshold in (0.05, 0.2, 0.5, 0.9):
        acts = risks >= threshold
        found, alarms = (acts & is_case).sum() / 200, (acts & ~is_case).sum() / 200
        by_hand = found - alarms * threshold / (1 - threshold)
        assert net_benefit(risks, is_case, np.array([threshold]))[0] == pytest.approx(by_hand, abs=1e-12)


def test_everybody_is_worth_their_share_less_the_others_and_nothing_at_that_share():
    _, is_case = made()
    share = is_case.mean()
    assert treat_all(is_case, np.array([share]))[0] == pytest.approx(0, abs=1e-12)
    assert treat_all(is_case) == pytest.approx(share - (1 - share) * THRESHOLDS / (1 - THRESHOLDS))


def test_the_true_risk_is_useful_and_a_number_without_news_is_not():
    risks, is_case = made()
    low, high = decision_curve.curve(risks, is_case)["useful"]
    assert low < is_case.mean() < high
    assert decision_curve.curve(np.full(len(risks), is_case.mean()), is_case)["useful"] is None
    shuffled = np.random.default_rng(1).permutation(risks)
    assert decision_curve.curve(shuffled, is_case)["useful"] is None


def test_a_boastful_model_ranks_as_well_and_is_worth_less():
    risks, is_case = made()
    odds = (risks / (1 - risks)) ** 3 * np.exp(3)
    boastful = odds / (1 + odds)
    assert (np.argsort(boastful) == np.argsort(risks)).all()
    honest, loud = (net_benefit(said, is_case) for said in (risks, boastful))
    assert honest[9] > loud[9]  # at 10 %
    assert loud.min() < -0.05  # worse than to treat nobody


def test_too_few_cases_have_no_curve():
    assert decision_curve.curve(np.linspace(0, 1, 50), np.arange(50) < 9) == {}


def test_the_sentence_says_where_acting_pays():
    risks, is_case = made()
    found = decision_curve.curve(risks, is_case)
    assert f"between {100 * found['useful'][0]:.0f} % and" in decision_curve.in_words(found, "ill")
    assert "no threshold" in decision_curve.in_words(found | {"useful": None}, "ill")
    assert "a risk of 5 % on" in decision_curve.in_words(found | {"useful": [0.05, 0.05]}, "ill")
