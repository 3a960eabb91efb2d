"""Target, text column and task are guessed from names and kinds, and can be said."""

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images
from deepglass.data.reading.roles import guess_target, guess_task, guess_text_column
from deepglass.data.reading.source import read

N = 60
rng = np.random.default_rng(0)
X = {"a": rng.normal(size=N), "b": rng.normal(size=N)}
CLASSES = ["red", "green", "blue"] * 20
REVIEWS = [f"a film that I liked {i} times" for i in range(N)]


def task(columns, **options):
    config = DataConfig(**options)
    return guess_task(read(pd.DataFrame(columns), config), config)[0]


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (CLASSES, "tabular-classification"),
        ([0, 1] * 30, "tabular-classification"),
        ([0.0, 1.0] * 30, "tabular-classification"),
        ([True, False] * 30, "tabular-classification"),
        (rng.normal(size=N), "tabular-regression"),
        (np.arange(N) * 7 % 59, "tabular-regression"),
        ([0.5, 1.5, 2.5] * 20, "tabular-regression"),
    ],
)
def test_the_target_decides_on_the_task_of_a_table(y, expected):
    assert task(X | {"y": y}) == expected


def test_a_text_column_and_a_class_are_text_classification():
    assert task({"review": REVIEWS, "label": [0, 1] * 30}) == "text-classification"


def test_a_name_among_many_columns_leaves_it_a_table():
    assert task(X | {"c": X["a"], "name": REVIEWS, "label": [0, 1] * 30}) == "tabular-classification"


def test_the_text_column_can_be_said():
    assert task(X | {"c": X["a"], "name": REVIEWS, "label": [0, 1] * 30}, text_column="name") == "text-classification"


def test_dates_in_equal_steps_are_forecasting_unless_the_target_is_a_class():
    table = X | {"when": pd.date_range("2020-01-01", periods=N), "kind": CLASSES}
    assert task(table) == "forecasting"
    assert task(table, target="a") == "forecasting"
    assert task(table, target="kind") == "tabular-classification"


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"species": CLASSES, **X}, "species"),
        ({"Survived": [0, 1] * 30, **X}, "Survived"),
        ({**X, "kind": CLASSES, "id": range(N)}, "kind"),
        ({"house_value": X["a"], **X}, "house_value"),
        ({"quality": [1, 2] * 30, "label": CLASSES, **X}, "label"),
    ],
)
def test_targets(columns, expected):
    assert guess_target(read(pd.DataFrame(columns), DataConfig()), DataConfig())[0] == expected


def test_an_absent_target_suggests_the_nearest():
    table = read(pd.DataFrame(X | {"price": X["a"]}), DataConfig())
    with pytest.raises(OptionError, match=r"--target: unknown column 'prise'; did you mean 'price'\?"):
        guess_target(table, DataConfig(target="prise"))


def test_no_possible_target_is_said():
    with pytest.raises(DataError, match="no column that could be predicted"):
        guess_target(read(pd.DataFrame({"id": range(N)}), DataConfig()), DataConfig())


def test_the_usual_name_decides_between_texts():
    table = read(pd.DataFrame({"summary": [f"{r} {r}" for r in REVIEWS], "text": REVIEWS}), DataConfig())
    assert guess_text_column(table, DataConfig())[0] == "text"


def test_pictures_without_classes_cannot_be_learnt():
    with pytest.raises(DataError, match="pictures without classes"):
        guess_task(Images("p", None, [], 1, pixels=np.zeros((2, 4, 4, 1), np.uint8)), DataConfig())


@pytest.mark.parametrize("write", ["{0}Q{1}", "Q{1} {0}", "{0}-W{2:02}", "{2:02}/{0}"])
def test_quarters_weeks_and_months_make_a_series(write):
    steps = [(1990 + i // 4, i % 4 + 1, i % 4 * 3 + 1) for i in range(60)]
    if "W" in write:
        steps = [(2019 + i // 52, 0, i % 52 + 1) for i in range(60)]
    assert task({"period": [write.format(*step) for step in steps], "orders": np.arange(60.0) % 7}) == "forecasting"
