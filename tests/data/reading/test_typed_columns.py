"""Columns that come with a type, from pandas, Arrow, Parquet and JSON."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.reading.source import read, read_known

DAYS = pd.to_datetime(["2020-01-31", "2020-02-29", "2020-03-31"])
COLUMNS = {  # name → a column, the kind that it is, the values
    "int": (pd.Series([1, 2, 3]), "number", [1, 2, 3]),
    "nullable int": (pd.Series([1, None, 3], dtype="Int64"), "number", [1, None, 3]),
    "nullable float": (pd.Series([1.5, None, 3], dtype="Float64"), "number", [1.5, None, 3]),
    "arrow int": (pd.Series([1, None, 3], dtype="int64[pyarrow]"), "number", [1, None, 3]),
    "arrow decimal": (pd.Series([1, 2, 3], dtype=pd.ArrowDtype(pa.decimal128(9, 2))), "number", [1, 2, 3]),
    "decimal": (pd.Series([decimal.Decimal("1.5"), None, decimal.Decimal(3)]), "number", [1.5, None, 3]),
    "objects": (pd.Series([1, 2.5, None], dtype=object), "number", [1, 2.5, None]),
    "sparse": (pd.Series(pd.arrays.SparseArray([0.0, 0.0, 3.0])), "number", [0, 0, 3]),
    "bool": (pd.Series([True, False, True]), "truth", [True, False, True]),
    "nullable bool": (pd.Series([True, None, False], dtype="boolean"), "words", ["True", None, "False"]),
    "arrow bool": (pd.Series([True, False, True], dtype="bool[pyarrow]"), "truth", [True, False, True]),
    "string": (pd.Series(["a", None, "b"], dtype="string"), "words", ["a", None, "b"]),
    "arrow string": (pd.Series(["a", None, "b"], dtype="string[pyarrow]"), "words", ["a", None, "b"]),
    "category": (pd.Series(["b", None, "a"], dtype="category"), "words", ["b", None, "a"]),
    "category of numbers": (pd.Series([3, 1, 3]).astype("category"), "words", ["3", "1", "3"]),
    "bytes": (pd.Series([b"a", b"b", None], dtype=object), "words", ["a", "b", None]),
    "dates": (pd.Series(DAYS), "date", DAYS),
    "date objects": (pd.Series([d.date() for d in DAYS], dtype=object), "date", DAYS),
    "arrow dates": (pd.Series([d.date() for d in DAYS], dtype=pd.ArrowDtype(pa.date32())), "date", DAYS),
    "zoned": (pd.Series(DAYS.tz_localize("UTC")), "date", DAYS),
    "arrow zoned": (pd.Series(DAYS.tz_localize("UTC")).astype(pd.ArrowDtype(pa.timestamp("us", "UTC"))), "date", DAYS),
    "period": (pd.Series(DAYS.to_period("M")), "date", DAYS.to_period("M").to_timestamp()),
    "period objects": (pd.Series(list(DAYS.to_period("D")), dtype=object), "date", DAYS),
    "timedelta": (pd.Series(pd.to_timedelta([30, 90, 60], unit="min")), "number", [0.5, 1.5, 1]),
    "clock": (pd.Series([datetime.time(9, 30), datetime.time(23, 0), None], dtype=object), "number", [9.5, 23, None]),
    "interval": (pd.cut(pd.Series([1, 5, 9]), [0, 5, 10]), "words", ["(0, 5]", "(0, 5]", "(5, 10]"]),
    "empty": (pd.Series([None, None, None], dtype=object), "empty", [None, None, None]),
}


def plain(values):
    return [None if pd.isna(value) else value for value in values]


@pytest.mark.parametrize("name", COLUMNS)
def test_a_type(name):
    column, kind, values = COLUMNS[name]
    table = read(pd.DataFrame({"x": column, "y": [1, 2, 3]}), DataConfig())
    assert table.format.by_name["x"].kind == kind
    assert plain(table.frame["x"]) == plain(values)
    later = read_known(pd.DataFrame({"x": column, "y": [1, 2, 3]}), table.format)
    assert plain(later.frame["x"]) == plain(values)


def test_parquet_keeps_types(tmp_path):
    frame = pd.DataFrame({"code": pd.Series(["01", "02", "01"], dtype="category"), "day": DAYS, "n": [1, 2, 3]})
    frame.to_parquet(tmp_path / "a.parquet")
    table = read(tmp_path / "a.parquet", DataConfig())
    assert [table.format.by_name[name].kind for name in frame] == ["words", "date", "number"]


def test_complex_numbers_are_refused():
    with pytest.raises(DataError, match="column 'x' holds complex numbers"):
        read(pd.DataFrame({"x": np.array([1 + 2j, 3])}), DataConfig())


def test_names_that_are_numbers_or_tuples():
    frame = pd.DataFrame(np.arange(6).reshape(3, 2))
    table = read(frame, DataConfig())
    assert list(table.frame.columns) == ["0", "1"]
    assert read_known(frame, table.format).frame["1"].tolist() == [1, 3, 5]
    frame.columns = pd.MultiIndex.from_tuples([("a", "x"), ("a", "")])
    assert list(read(frame, DataConfig()).frame.columns) == ["a.x", "a"]


def test_offsets_in_json_lines_are_seen(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"t": "2020-01-31T10:00:00+02:00", "x": 1}\n{"t": "2020-02-01T10:00:00+02:00", "x": 2}\n')
    table = read(path, DataConfig())
    assert table.format.by_name["t"].date.offsets == ("+02:00",)
    assert table.frame["t"].dt.hour.tolist() == [8, 8]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
@pytest.mark.parametrize(
    "content", ["[" * 5000, "[" * 500_000, '{"a":' * 5000 + "1" + "}" * 5000, '[{"a": ' + "[" * 5000]
)
def test_brackets_without_end_are_an_error(tmp_path, name, content):
    (tmp_path / name).write_text(content + "\n")
    with pytest.raises(DataError, match=f"{name}.*(nested more than 100 deep|not JSON)"):
        read(tmp_path / name, DataConfig())


def test_brackets_inside_texts_are_no_nesting(tmp_path):
    (tmp_path / "a.jsonl").write_text(('{"text": "' + "[{" * 200 + '", "y": 1}\n') * 3)
    assert read(tmp_path / "a.jsonl", DataConfig()).frame.shape == (3, 2)
