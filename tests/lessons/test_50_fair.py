"""What lesson 50 claims of bias in a record, of what mends it, and of what cannot be had at once (Q06)."""

import numpy as np
import pytest

from deepglass.evaluate import fairness
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("50_fair").module


def gap(found):
    return found["north"] - found["south"]


def test_accuracy_by_the_record_hides_what_the_clerk_did(lesson):
    honest, biased = lesson.judged(0.0), lesson.judged(0.6)
    assert abs(honest["by the record"] - biased["by the record"]) < 0.02
    assert biased["in truth"] < honest["in truth"] - 0.04
    assert abs(gap(honest)) < 0.02
    assert gap(biased) > 0.5


@pytest.mark.parametrize("by", ["approved", "repays"])
def test_an_injected_bias_is_found_and_none_where_there_is_none(lesson, by):
    for bias, is_there in ((0.0, False), (0.2, True), (0.4, True)):
        counts = lesson.counted(lesson.people(bias)[1], lesson.answers(bias), by)
        assert (fairness.gaps(counts)["equal_opportunity"]["low"] > 0.05) == is_there
        assert (fairness.chance_of(counts, "true_positive_rate") < 0.01) == is_there


def test_the_record_shows_the_gap_only_because_the_clerk_refused_blindly(lesson):
    test, said = lesson.people(0.4)[1], lesson.answers(0.4)
    record, truth = (
        fairness.difference(lesson.counted(test, said, by).rate("true_positive_rate")) for by in ("approved", "repays")
    )
    assert record == pytest.approx(truth, abs=0.03)
    repays, south = (test["repays"] == "yes").to_numpy(), (test["district"] == "south").to_numpy()
    poorest = repays & south & (test["income"] < test["income"][repays & south].quantile(0.4)).to_numpy()
    picked = test.assign(approved=np.where(repays & ~poorest, "yes", "no"))  # a clerk who refuses the poorer ones
    hidden = fairness.difference(lesson.counted(picked, said, "approved").rate("true_positive_rate"))
    assert hidden < truth - 0.1


def test_without_the_column_most_of_the_gap_stays_and_without_its_traces_it_goes(lesson):
    before, after, without = (
        gap(lesson.judged(0.4, way)) for way in ("nothing", "leave out the district", "leave out the distance as well")
    )
    assert 0.65 < after / before < 0.85  # "about three quarters"
    assert without < 0.05


def test_what_mends_a_bias_costs_by_the_record_and_gains_in_truth(lesson):
    broken = lesson.judged(0.4)
    for way in ("reweighing", "thresholds: equal opportunity", "thresholds: equal shares"):
        mended = lesson.judged(0.4, way)
        assert gap(mended) < gap(broken) / 3
        assert mended["by the record"] < broken["by the record"] - 0.005
        assert mended["in truth"] > broken["in truth"] + 0.005
    honest, repaired = lesson.judged(0.0), lesson.judged(0.0, "thresholds: equal opportunity")
    assert repaired["in truth"] < honest["in truth"]  # nothing to mend


@pytest.mark.parametrize("apart", [0.5, 1.0, 1.5])
def test_four_rates_are_bound_and_no_rule_makes_all_of_them_equal(lesson, apart):
    for constraint in lesson.RULES.values():
        said = lesson.answers(0.0, apart=apart, rule=constraint)
        counts = lesson.counted(lesson.people(0.0, apart)[1], said)
        p, v, t, f = (
            counts.rate(name) for name in ("base_rate", "precision", "true_positive_rate", "false_positive_rate")
        )
        assert p / (1 - p) * (1 - v) / v * t == pytest.approx(f)
        assert max(fairness.difference(counts.rate(name)) for name in lesson.SHOWN) > 0.1


@pytest.mark.parametrize("rule", ["equal shares", "equal opportunity", "equal precision"])
def test_a_rule_makes_its_own_row_equal(lesson, rule):
    name = dict(zip(list(lesson.RULES)[1:], ("selection_rate", "true_positive_rate", "precision")))[rule]
    rates = lesson.counted(lesson.people(0.0, 1.0)[1], lesson.answers(0.0, apart=1.0, rule=lesson.RULES[rule])).rate(
        name
    )
    assert fairness.difference(rates) < 0.03


def test_where_both_repay_alike_one_threshold_serves_both(lesson):
    counts = lesson.counted(lesson.people(0.0)[1], lesson.answers(0.0))
    assert all(fairness.difference(counts.rate(name)) < 0.05 for name in lesson.SHOWN)


@pytest.mark.parametrize(
    ("weights", "said"), [("both / a / b", "Upside down"), ("1 / both", "alike"), ("a / both", "P(label)")]
)
def test_slips_are_told_apart(weights, said):
    code = (
        "def reweigh(group, label):\n"
        "    a = np.array([(group == g).mean() for g in group])\n"
        "    b = np.array([(label == y).mean() for y in label])\n"
        "    both = np.array([((group == g) & (label == y)).mean() for g, y in zip(group, label)])\n"
        f"    return {weights}"
    )
    assert said in tried("reweigh", code).message
