"""Scores as JSON holds them and as people read them."""

import json
import math

import pytest

from deepglass.evaluate import scores, wording
from deepglass.evaluate.scores import number, score, show, show_interval


def test_what_is_not_a_number_becomes_none_and_json_stays_valid():
    entry = score(math.nan, (math.inf, 1.0))
    assert entry == {"value": None, "low": None, "high": 1.0}
    assert json.loads(json.dumps(entry, allow_nan=False)) == entry


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.08431, "0.08431"), (12.3456, "12.35"), (123.456, "123.5"), (12400, "12,400"), (3e-9, "3e-09")],
)
def test_numbers_show_four_telling_digits(value, text):
    assert number(value) == text


def test_shares_are_percentages_and_the_rest_are_numbers():
    assert show("accuracy", 0.9718) == "97.2 %"
    assert show("rmse", 2.5) == "2.500"
    assert show("rmse", None) == "–"
    assert show_interval("accuracy", score(0.9, (0.85, 0.94))) == "85.0 to 94.0 %"
    assert show_interval("accuracy", score(0.9)) == ""


def test_the_direction_of_every_score_decides_what_is_better():
    assert scores.is_better("accuracy", 0.9, 0.8)
    assert scores.is_better("rmse", 1, 2)
    assert scores.is_better("bias", -0.1, 2)
    assert not scores.is_better("mase", 1.2, 1.0)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.41, "0.4 s"), (12.4, "12 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (None, "–")]
)
def test_times_are_said_as_people_say_them(seconds, text):
    assert wording.duration(seconds) == text


def test_the_lead_stands_beside_the_baseline():
    test = {"kind": "classification", "count": 1200, "accuracy": score(0.9, (0.88, 0.92))}
    baseline = {"name": "most frequent class", "accuracy": score(0.4)}
    assert wording.lead({"test": test, "baseline": baseline}) == (
        "It is right on 90.0 % of 1,200 examples it had never seen (95 % interval 88.0 to 92.0 %); "
        "the baseline, most frequent class, reaches 40.0 %."
    )
    assert wording.lead({}) == ""
