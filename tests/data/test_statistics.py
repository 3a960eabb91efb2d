"""The summary of the training inputs that goes with every export."""

import numpy as np
import pandas as pd
import pytest

from deepglass.data import statistics
from deepglass.data.preprocess.tabular import TabularPreprocessor


def test_numbers_are_summed_up_without_their_gaps():
    found = statistics.of_numbers(np.array([1.0, 2.0, 3.0, np.nan]))
    assert found["missing"] == pytest.approx(0.25)
    assert (found["mean"], found["std"]) == (2.0, pytest.approx(np.std([1, 2, 3])))
    assert (found["quantiles"][0], found["quantiles"][5], found["quantiles"][10]) == (1.0, 2.0, 3.0)
    assert statistics.of_numbers(np.array([np.nan])) == {"missing": 1.0}


def test_every_column_of_a_table_is_summed_up_in_its_kind():
    frame = pd.DataFrame(
        {
            "size": [1.5, 2.5, None, 4.0],
            "colour": pd.Categorical(["red", "red", "blue", None]),
            "born": pd.to_datetime(["1970-01-02", "1970-01-04", "1970-02-01", "1971-01-01"]),
        }
    )
    found = statistics.of_table(frame, TabularPreprocessor.fit(frame))
    assert found["colour"] == {"missing": 0.25, "shares": {"red": 0.5, "blue": 0.25, "": 0.25}}
    assert found["size"]["missing"] == 0.25
    assert found["born"]["quantiles"][0] == 1.0


def test_pictures_and_texts():
    pixels = np.zeros((4, 2, 2, 3), np.uint8)
    pixels[..., 0] = 255
    found = statistics.of_pictures(pixels)
    assert (found["mean"], found["std"]) == (85.0, 0.0)
    assert found["channels"][0]["histogram"][-1] == 1.0
    seen, unseen = np.array([[5, 6, 0], [7, 0, 0]]), np.array([[5, 1, 1, 0]])
    found = statistics.of_tokens(seen, unseen, unknown=1)
    assert (found["mean"], found["unknown"]) == (1.5, pytest.approx(2 / 3))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (5.0, ""),
        (None, "empty in 0.0 % of training"),
        (11.0, "above all of training"),
        (-1, "below all of training"),
        (True, ""),
    ],
)
def test_a_number_is_unusual_beside_its_column(cell, words):
    known = statistics.of_numbers(np.linspace(0, 10, 101))
    assert statistics.unusual(cell, known) == words


def test_a_number_within_the_range_may_be_far_from_most():
    known = statistics.of_numbers(np.append(np.random.default_rng(0).normal(size=1000), [40.0, -40.0]))
    assert statistics.unusual(20.0, known) == "far above most"
    assert statistics.unusual(-20.0, known) == "far below most"
    assert statistics.unusual(0.5, known) == ""


def test_a_truth_value_is_not_unusual_for_its_spelling():
    known = statistics.of_category(pd.Series(["Yes", "No"] * 20), is_boolean=True)
    for cell in ("Yes", "No", "no"):
        assert statistics.unusual(cell, known, is_boolean=True) == ""
    assert statistics.unusual("Perhaps", known, is_boolean=True) == "not in training, or rare"


def test_a_word_is_unusual_where_it_is_rare_or_unknown():
    known = statistics.of_category(pd.Series(["a"] * 180 + ["b"] * 2 + [None] * 18))
    assert statistics.unusual("a", known) == ""
    assert statistics.unusual(None, known) == ""
    assert statistics.unusual("b", known) == "in 1.0 % of training"
    assert statistics.unusual("c", known) == "not in training, or rare"
