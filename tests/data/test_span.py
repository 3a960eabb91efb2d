"""Columns of numbers that are made up of others are named, and directions are counted as NumPy counts them."""

import numpy as np
import pandas as pd
import pytest

from deepglass.data.check import inspect
from deepglass.data.checks.span import dependent
from deepglass.data.config import DataConfig
from deepglass.data.reading.source import read

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("seed", range(5))
def test_directions_are_numpys_rank(seed):
    rng = np.random.default_rng(seed)
    free = rng.normal(size=(60, 4)) * [1e-6, 1.0, 1e3, 1e9]
    cells = np.hstack([free, free @ rng.normal(size=(4, 3)) + 5, rng.normal(size=(60, 2))])[:, rng.permutation(9)]
    centred = (cells - cells.mean(axis=0)) / cells.std(axis=0)
    assert 9 - len(dependent(cells)) == np.linalg.matrix_rank(centred, tol=1e-5) == 6


def test_a_column_names_those_that_it_is_made_up_of_and_no_other():
    a, b, c = RNG.normal(size=(3, 50))
    assert dependent(np.stack([a, b, c, 2 * a - c + 7], axis=1)) == {3: [0, 2]}


def test_columns_of_one_value_and_near_copies_are_no_sums():
    a = RNG.normal(size=50)
    assert dependent(np.stack([a, np.full(50, 3.0), a + 0.01 * RNG.normal(size=50)], axis=1)) == {}


def test_ones_for_each_word_are_one_too_many():
    word = RNG.integers(0, 3, 60)
    assert dependent(np.eye(3)[word]) == {2: [0, 1]}


def check(source):
    config = DataConfig(target="kept")
    return inspect(read(source, config), config)


def table(rows=80):
    frame = pd.DataFrame({"price": RNG.uniform(1, 90, rows).round(2), "postage": RNG.uniform(3, 9, rows).round(2)})
    return frame.assign(total=frame["price"] + frame["postage"], kept=RNG.choice(["yes", "no"], rows))


def test_check_says_it_with_what_to_do():
    found = check(table())
    assert found.span == {"columns of numbers": 3, "directions": 2}
    assert any("'total' is made up of 'price', 'postage'" in said and "--ignore" in said for said in found.warnings)


def test_empty_cells_and_few_rows_are_no_reason():
    frame = table()
    frame.loc[::5, "total"] = np.nan
    assert check(frame).span["directions"] == 2
    assert check(table(8)).span == {}
