"""Alternative texts say what the data say."""

import numpy as np
import pytest

from deepglass.draw import in_words

X = np.arange(5.0)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        ([4, 3, 2, 1, 0.5], "falls from 4 to 0.5"),
        ([1, 3, 2, 5, 9], "rises from 1 to 9, not steadily"),
        ([2, 2, 2, 2, 2], "stays at 2"),
        ([5, 2, 1, 2, 3], "begins at 5, is lowest 1 at epoch = 2, ends at 3"),
        ([1, 0, 3, 7, 2], "begins at 1, is lowest 0 at epoch = 1 and highest 7 at epoch = 3, ends at 2"),
        ([np.nan, 3, 2, 1, np.inf], "falls from 3 to 1"),
        ([np.nan] * 5, "has no points"),
    ],
)
def test_how_a_curve_runs(y, words):
    assert in_words.curve_in_words(X, np.array(y, dtype=float), "epoch") == words


def test_a_single_crossing_is_told_and_several_are_not():
    flat, up, wave = np.zeros(5), np.array([-3.0, -1, 1, 3, 5]), np.array([1.0, -1, 1, -1, 1])
    assert in_words.crossing((X, flat), (X, up)) == pytest.approx(1.5)
    assert in_words.crossing((X, flat), (X, wave)) is None
    assert in_words.crossing((X, flat), (X, up + 10)) is None
    assert "They cross near step = 1.5" in in_words.curves_in_words({"a": (X, flat), "b": (X, up)}, {}, "step", "")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.12345, "0.123"), (-2.0, "−2"), (12345.6, "12,346"), (1e-7, "1e−7"), (3_000_000, "3,000,000"),
        (float("nan"), "–"), (float("-inf"), "−∞"), (np.float32(0.5), "0.5"), (True, "yes"), ("word", "word"),
    ],
)  # fmt: skip
def test_numbers_as_a_person_writes_them(value, words):
    assert in_words.said(value) == words


def test_few_bars_are_all_named_and_many_by_their_ends():
    few = in_words.bars_in_words({"x": -1.0, "y": 2.0}, " %")
    assert few == "2 bars, from the largest: y 2 %, x −1 %."
    many = in_words.bars_in_words({f"b{i}": float(i) for i in range(20)})
    assert "largest: b19 19" in many
    assert "b10" not in many
    assert many.endswith("b0 0.")


def test_a_table_names_its_largest_cell():
    told = in_words.table_in_words(np.array([[3.0, 1], [0, 7]]), ["cat", "dog"], ["tells cat", "tells dog"])
    assert "Largest: 7 at dog, tells dog" in told
    assert "cat: tells cat, dog: tells dog" in told
    assert "row 2, column 2" in in_words.table_in_words(np.array([[3.0, 1], [0, 7]]), [], [])


def test_sentences_end_once():
    assert in_words.sentence("A loss. ", "", "It falls") == "A loss. It falls."
