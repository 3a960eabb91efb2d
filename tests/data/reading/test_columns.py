"""Kinds of columns."""

import numpy as np
import pandas as pd
import pytest

from deepglass.data.config import DataConfig
from deepglass.data.reading.columns import describe
from deepglass.data.reading.source import read

N = 60
WORDS = ["a fine day at the sea", "rain again and again", "nothing happened at all"]


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("x", np.linspace(0, 1, N), "number"),
        ("x", np.arange(N), "number"),
        ("id", np.arange(N), "id"),
        ("customerID", np.arange(N), "id"),
        ("user_id", np.arange(N) % 7, "number"),
        ("width", np.arange(N), "number"),
        ("code", [f"A-{i:03d}" for i in range(N)], "id"),
        ("colour", ["red", "green", "blue"] * 20, "category"),
        ("paid", ["yes", "no"] * 30, "boolean"),
        ("paid", [True, False] * 30, "boolean"),
        ("when", pd.date_range("2020-01-01", periods=N), "date"),
        ("review", [f"{WORDS[i % 3]} {i}" for i in range(N)], "text"),
        ("opinion", [WORDS[i % 3] for i in range(N)], "category"),
        ("same", [3] * N, "constant"),
        ("empty", [None] * N, "constant"),
        ("seldom", [1.0] + [None] * (N - 1), "number"),
    ],
)
def test_kinds(name, values, kind):
    frame = read(pd.DataFrame({name: values}), DataConfig()).frame
    assert describe(frame)[0].kind == kind


def test_counts_and_range():
    column = describe(pd.DataFrame({"x": [1.0, 2.0, 2.0, None]}))[0]
    assert (column.missing, column.distinct, column.minimum, column.maximum) == (1, 2, 1.0, 2.0)
    assert column.is_integer
    assert not describe(pd.DataFrame({"x": [1.5, 2.0]}))[0].is_integer


def test_texts_may_recur_in_a_column_with_a_usual_name():
    texts = [f"{WORDS[i % 3]}, {i % 30}" for i in range(300)]
    for name, kind in (("comment", "text"), ("opinion", "category")):
        frame = read(pd.DataFrame({name: texts, "label": ["a", "b"] * 150}), DataConfig()).frame
        assert describe(frame)[0].kind == kind
    few = read(pd.DataFrame({"message": [WORDS[i % 3] for i in range(60)]}), DataConfig()).frame
    assert describe(few)[0].kind == "category"
