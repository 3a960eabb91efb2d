"""Tables of other forms, declared splits, options on columns."""

import json

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.reading.source import read
from deepglass.data.reading.table import split_of

FRAME = pd.DataFrame({"x": [1.5, 2.5, 3.5, 4.5], "colour": ["red", "blue", "red", None], "label": ["a", "b", "a", "b"]})


def config(**options):
    return DataConfig(**options)


def same_everywhere(table):
    assert list(table.frame.columns) == ["x", "colour", "label"]
    assert table.frame["x"].tolist() == [1.5, 2.5, 3.5, 4.5]
    assert table.frame["colour"].isna().tolist() == [False, False, False, True]
    assert list(table.frame["label"].cat.categories) == ["a", "b"]


def test_parquet(tmp_path):
    FRAME.to_parquet(tmp_path / "a.parquet")
    same_everywhere(read(tmp_path / "a.parquet", config()))


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz"])
def test_json_lines(tmp_path, name):
    FRAME.to_json(tmp_path / name, orient="records", lines=True)
    same_everywhere(read(tmp_path / name, config()))


def test_json_list(tmp_path):
    FRAME.to_json(tmp_path / "a.json", orient="records")
    same_everywhere(read(tmp_path / "a.json", config()))


def test_a_frame_is_not_changed():
    before = FRAME.copy(deep=True)
    same_everywhere(read(FRAME, config()))
    pd.testing.assert_frame_equal(FRAME, before)


def test_an_index_of_dates_becomes_a_column():
    frame = pd.DataFrame({"v": [1.0, 2.0]}, index=pd.date_range("2020-01-01", periods=2, name="when"))
    assert list(read(frame, config()).frame.columns) == ["when", "v"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"x": 1}\n{"x": \n', r"a.jsonl, line 2: not JSON"),
        ("a.jsonl", "[1, 2]\n", "line 1: expected an object"),
        ("a.json", '{"x": 1}', "expected a list of objects"),
        ("a.parquet", "no parquet at all", "not a whole Parquet file"),
        ("a.jsonl", "", r"empty \(0 bytes\)"),
        ("a.json", "[]", "has no rows"),
    ],
)
def test_broken_tables(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=message):
        read(tmp_path / name, config())


def write_splits(folder, **parts):
    folder.mkdir(exist_ok=True)
    for name, text in parts.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


@pytest.mark.parametrize("val", ["val", "dev", "valid", "validation"])
def test_files_named_after_splits(tmp_path, val):
    folder = write_splits(tmp_path / "d", train="x,y\n1,a\n2,b\n3,a\n", test="x,y\n5,a\n", **{val: "x,y\n4,b\n"})
    table = read(folder, config())
    assert {split: rows.tolist() for split, rows in table.splits.items()} == {
        "train": [0, 1, 2],
        "val": [3],
        "test": [4],
    }
    assert table.frame["x"].tolist() == [1, 2, 3, 4, 5]


def test_val_and_test_options(tmp_path):
    write_splits(tmp_path, a="x,y\n1,a\n2,b\n", b="x,y\n3,a\n", c="y,x\nb,4\n")
    table = read(tmp_path / "a.csv", config(val=str(tmp_path / "b.csv"), test=str(tmp_path / "c.csv")))
    assert {split: rows.tolist() for split, rows in table.splits.items()} == {"train": [0, 1], "val": [2], "test": [3]}
    assert table.frame["x"].tolist() == [1, 2, 3, 4]


def test_a_split_column(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x,y,part\n1,a,train\n2,b,dev\n3,a,test\n4,b,Train\n")
    table = read(path, config(split_column="part"))
    assert {split: rows.tolist() for split, rows in table.splits.items()} == {"train": [0, 3], "val": [1], "test": [2]}
    assert "part" not in table.frame


def test_a_split_column_with_other_words_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x,y,part\n1,a,train\n2,b,later\n")
    with pytest.raises(DataError, match="expected train, val or test, got later"):
        read(path, config(split_column="part"))


def test_missing_columns_of_a_split_are_named(tmp_path):
    folder = write_splits(tmp_path / "d", train="x,y,z\n1,a,2\n", test="x,z\n5,1\n")
    with pytest.raises(DataError, match=r"test.csv lacks 1 column of train.csv \(y\)"):
        read(folder, config())


def test_columns_that_only_a_split_has_are_left_out_aloud(tmp_path):
    folder = write_splits(tmp_path / "d", train="x,y\n1,a\n2,b\n", test="x,extra,y\n5,1,a\n")
    table = read(folder, config())
    assert list(table.frame.columns) == ["x", "y"]
    assert any("extra" in str(guess) for guess in table.guesses)


def test_numbers_in_one_file_and_words_in_another_become_words(tmp_path):
    folder = write_splits(tmp_path / "d", train="x,y\n1,a\nB,b\n2,a\n", test="x,y\n2,a\n3,b\n")
    assert read(folder, config()).frame["x"].astype(str).tolist() == ["1", "B", "2", "2", "3"]


def test_a_full_stop_is_kept_where_it_belongs_to_a_class(tmp_path):
    folder = write_splits(tmp_path / "d", train="x,y\n1,a.\n2,b\n3,a.\n", test="x,y\n2,a.\n3,b\n")
    assert list(read(folder, config()).frame["y"].cat.categories) == ["a.", "b"]


def test_ignored_columns_are_left_out():
    assert list(read(FRAME, config(ignore="x, colour")).frame.columns) == ["label"]


def test_an_unknown_column_suggests_the_nearest():
    with pytest.raises(OptionError, match=r"--ignore: unknown column 'color'; did you mean 'colour'\?"):
        read(FRAME, config(ignore="color"))


def test_repeated_columns_of_a_frame_are_refused():
    with pytest.raises(DataError, match="column 'a' occurs twice"):
        read(pd.DataFrame(np.ones((3, 2)), columns=["a", "a"]), config())


@pytest.mark.parametrize(
    ("name", "split"),
    [("adult-test", "test"), ("dev", "val"), ("X_train", "train"), ("contest", None), ("validation", "val")],
)
def test_names_of_splits(name, split):
    assert split_of(name) == split


def test_records_with_different_keys_have_missing_cells(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in [{"a": 1}, {"a": 2, "b": "x"}]))
    assert read(path, config()).frame["b"].isna().tolist() == [True, False]


def test_lines_of_different_form_and_objects_within_objects(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1, "b": {"c": 1, "d": "x"}}\n{"a": "one", "b": {"c": 2, "d": "y"}}\n')
    frame = read(path, config()).frame
    assert list(frame.columns) == ["a", "b.c", "b.d"]
    assert frame["a"].astype(str).tolist() == ["1", "one"]
    assert frame["b.c"].tolist() == [1, 2]
