"""Floors: figures that benchmarks left, compared with what they have to reach."""

import json

import pytest

from deepglass.api import floors


@pytest.fixture
def results(tmp_path):
    runs = [{"data": "digits", "scores": {"accuracy": a}, "bytes": b} for a, b in ((0.98, 100), (1.0, 300))]
    named = {"fashion-mnist": {"after": 25, "before": 100}, "failed": {"after": None}}
    (tmp_path / "made.json").write_text(json.dumps({"runs": [*runs, {"data": "wine"}], "named": named}))
    return tmp_path


@pytest.mark.parametrize(
    ("floor", "is_met"),
    [
        ("made.json runs[data=digits].scores.accuracy >= 0.99", True),  # the mean of two seeds
        ("made.json runs[data=digits].scores.accuracy > 0.99", False),
        ("made.json runs[data=digits].scores.accuracy < 0.99", False),
        ("made.json runs[data=digits].bytes <= 200", True),
        ("made.json runs.bytes <= 200", True),  # whatever the data
        ("made.json runs.bytes < 200", False),
        ("made.json named.fashion-mnist.after <= 0.3 * named.fashion-mnist.before", True),
        ("made.json named.fashion-mnist.after <= 0.2 * named.fashion-mnist.before", False),
        ("made.json runs[data=iris].scores.accuracy >= 0", False),  # not measured
        ("made.json runs[data=wine].scores.accuracy >= 0", False),
        ("made.json named.failed.after <= 1", False),
        ("absent.json runs.accuracy >= 0", False),
        (floors.UNMEASURED, False),
    ],
)
def test_a_floor_is_met_by_a_figure_that_reaches_it(results, floor, is_met):
    assert floors.is_met(floor, results) is is_met


def test_what_was_measured_is_told(results):
    assert floors.figures("made.json runs[data=digits].bytes >= 0.5 * runs[data=digits].bytes", results) == (200, 100)


def test_a_floor_that_is_none_is_refused(results):
    with pytest.raises(ValueError, match=r"expected a floor such as"):
        floors.is_met("accuracy is good", results)
