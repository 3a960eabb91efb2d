"""Random tables, written in random ways, come back as they were."""

import json

import numpy as np
import pandas as pd
import pytest

from deepglass.data.config import DataConfig
from deepglass.data.reading.source import read, read_known
from deepglass.data.reading.table_format import TableFormat
from tests.data.reading.written import as_written, random_table, random_way

SEEDS = range(120)


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    assert list(found.columns) == list(expected.columns)
    for name in expected:
        if expected[name].dtype.kind == "f":
            np.testing.assert_allclose(found[name].to_numpy(float), expected[name].to_numpy(float), err_msg=name)
        elif expected[name].dtype.kind == "M":
            assert found[name].dtype.kind == "M", (name, found[name].head())
            times = [frame[name].to_numpy("datetime64[s]") for frame in (found, expected)]
            np.testing.assert_array_equal(*times)
        else:
            assert words(found[name]) == words(expected[name]), name


def words(column: pd.Series) -> list[str]:
    return ["" if pd.isna(cell) else str(cell) for cell in column]


@pytest.mark.parametrize("block", range(10))
def test_what_was_written_is_read(tmp_path, block):
    for seed in SEEDS[block::10]:
        rng = np.random.default_rng(seed)
        way, (table, digits) = random_way(rng), random_table(rng)
        path = way.to(tmp_path / f"{seed}.csv", table, digits)
        found = read(path, DataConfig())
        try:
            same(found.frame, as_written(table, way))
            format = TableFormat.from_state(json.loads(json.dumps(found.format.state())))
            assert format == found.format
            later = read_known(way.to(tmp_path / "later.csv", table.iloc[:7], digits), format)
            same(later.frame, as_written(table, way).iloc[:7])
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, {way}:\n{path.read_bytes()[:300]!r}\n{error}") from None
