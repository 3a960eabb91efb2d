"""What lesson 70 claims of ranks, promises and worth, and of the blood that nobody drew (T05)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("70_risk").module


def test_of_a_hundred_who_are_told_so_much_about_so_many_fall_ill(lesson):
    for level in lesson.LEVELS:
        share = lesson.nearest(lesson.risks(), level).mean()
        assert share == pytest.approx(level, abs=3 * np.sqrt(level * (1 - level) / 100)), level


def test_the_louder_model_ranks_alike_promises_wrongly_and_is_worth_less_than_everybody(lesson):
    loud = lesson.stretched(3.0)
    assert lesson.area(loud) == pytest.approx(lesson.area(lesson.risks()), abs=1e-12)
    told, happened = (np.array(part) for part in lesson.by_parts(loud))
    assert np.abs(told - happened).max() > 0.15
    told, happened = (np.array(part) for part in lesson.by_parts(lesson.risks()))
    assert np.abs(told - happened).max() < 0.1
    everybody = lesson.decision_curve.treat_all(lesson.happened(), np.array([0.1]))[0]
    assert lesson.worth(loud, 0.1) < everybody - 0.005 < everybody + 0.005 < lesson.worth(lesson.risks(), 0.1)


def test_thirty_per_cent_become_seven_and_a_quarter_becomes_four(lesson):
    odds = np.array([0.3, 0.7, 0.25]) / (1 - np.array([0.3, 0.7, 0.25]))
    assert (100 * odds**3 / (1 + odds**3)).round().tolist() == [7, 93, 4]


def test_the_model_is_useful_over_a_wide_stretch(lesson):
    low, high = lesson.decision_curve.curve(lesson.risks(), lesson.happened())["useful"]
    assert low <= 0.1
    assert high >= 0.4


def test_filling_in_the_mean_promises_too_much_to_those_without_a_marker_and_a_column_mends_it(lesson):
    filled, known = ({r["group"]: r for r in lesson.groups(one, "marker")} for one in (False, True))
    assert filled["marker empty"]["promises"] == "too much"
    assert filled["marker measured"]["risk"] < filled["marker measured"]["share"]["value"]
    assert [row["promises"] for row in known.values()] == ["", ""]
    together = lesson.risks(False).mean(), lesson.happened().mean()
    assert together[0] == pytest.approx(together[1], abs=0.01)
    empty = lesson.ward()["marker"].isna()
    assert 0.25 < empty.mean() < 0.4


def test_of_nineteen_alarms_in_vain_follows_five_per_cent(lesson):
    ill = np.arange(20) < 1
    assert lesson.decision_curve.treat_all(ill, np.array([0.05]))[0] == pytest.approx(0)


def test_the_film_tells_rising_risks(lesson):
    frames = list(lesson.film())
    said = [int(frame.caption.split("happened to ")[1].rstrip(".")) for frame in frames]
    assert len(said) == len(lesson.LEVELS)
    assert said[-1] > 40 > 20 > said[0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("((risks >= threshold) & ill).mean() - ((risks >= threshold) & ~ill).mean()", "not 1"),
        (
            "((risks > threshold) & ill).mean() - ((risks > threshold) & ~ill).mean() * threshold / (1 - threshold)",
            "at or above",
        ),
    ],
)
def test_slips_are_told_apart(line, said):
    code = f"def net_benefit(risks, ill, threshold):\n    return {line}"
    assert said in tried("net_benefit", code).message
