"""Several labels as an answer: which are learnt, and what is said of odd ones."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images, Table
from deepglass.data.fields.labels import Field, names_in

TAGS = ["a;b", "b", "", "a", "b;c", "a;b", "b", "a", "", "b"]
TARGET = DataConfig(target="tags")


def table(tags=TAGS, name="notes", **more):
    return Table(pd.DataFrame({"x": np.arange(len(tags)), "tags": tags, **more}).replace("", np.nan), name)


def learnt(data, config=TARGET, separator=None, names=None, rows=None):
    field = Field(config)
    field.separator, field.label_names = separator, names
    guesses = field.take(data)
    guesses += field.require(data)
    field.fit(data, np.arange(len(data.frame)) if rows is None else rows)
    return field, [str(guess) for guess in guesses]


def test_labels_are_a_one_each_and_counted_in_training():
    field, guesses = learnt(table(), rows=np.arange(6))
    assert field.classes == ["a", "b", "c"]
    assert field.encode(table())[:5].tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0], [1, 0, 0], [0, 1, 1]]
    assert field.counts.tolist() == [3, 4, 1]
    assert field.shares.tolist() == [3 / 6, 4 / 6, 1 / 6]
    assert guesses == [
        "labels: 3 in cells with semicolons (tags), 2 examples without any (as asked; change with --target and "
        "--label-separator)"
    ]


def test_odd_labels_are_said():
    data = table(["a;a;z", "z", "a;z", "z", "a;rare;z"])
    field, _ = learnt(data)
    assert field.remarks == [
        "every example of notes has 'z': it says nothing; leave it out",
        "1 label with a single example ('rare'): nothing can be said of how well it is found; add examples, or leave "
        "it out with --rare-classes drop",
        "a label is named twice in the cell of 1 row: it counts once",
    ]
    marks = pd.DataFrame({"x": range(6), "p": [0, 1, 0, 1, 1, 0], "q": [0] * 6, "r": [1, 1, 0, 0, 1, 0]})
    field, _ = learnt(Table(marks, "marks"), DataConfig(target="p,q,r"))
    assert field.remarks == ["no example of marks has 'q': it cannot be learnt; leave it out"]


def test_a_label_that_only_the_test_has_is_said():
    field, _ = learnt(table(), rows=np.array([0, 1, 2, 3]))
    assert field.remarks[-1] == "no training example has 'c': it cannot be learnt; add examples to train"


def test_rare_labels_are_left_out_or_joined_as_asked():
    tags = ["a", "b", "a;b", "b;r", "a;s", "b", ""]
    dropped, said = learnt(table(tags), replace(TARGET, rare_classes="drop"))
    assert dropped.classes == ["a", "b"]
    assert said[-1] == "rare labels: 2 left out (a single example: r, s; change with --rare-classes)"
    joined, said = learnt(table(tags), replace(TARGET, rare_classes="other"))
    assert joined.classes == ["a", "b", "other"]
    assert joined.encode(table(tags))[:, 2].tolist() == [0, 0, 0, 1, 1, 0, 0]
    assert said[-1].startswith("rare labels: 2 joined to 'other'")
    assert [
        one.name for one in learnt(table(["a", "b", "a;b", "b"]))[0].unused_options({"rare_classes": "drop"}, None)
    ] == ["rare_classes"]


def test_only_the_labels_that_are_asked_for_are_learnt():
    field, _ = learnt(table(), replace(TARGET, classes="b,c"))
    assert field.classes == ["b", "c"]
    assert field.encode(table())[0].tolist() == [1, 0]
    with pytest.raises(OptionError, match=r"--classes: unknown label 'd'"):
        learnt(table(), replace(TARGET, classes="b,d"))


def test_labels_that_training_did_not_know_are_refused_by_name_and_row():
    field, _ = learnt(table())
    with pytest.raises(
        DataError, match=r"later has 1 label that training did not know \('new'\) in rows 2, 3: expected a, b"
    ):
        field.encode(table(["a", "new;a", "new"], name="later"))


def test_gaps_among_zeros_and_ones_leave_rows_out():
    data = Table(pd.DataFrame({"x": range(6), "p": [0, 1, np.nan, 1, 0, 1], "q": [1, 0, 1, 1, 0, 0]}), "marks")
    field, said = learnt(data, DataConfig(target="p,q"))
    assert len(data.frame) == len(field.encode(data)) == 5
    assert "rows left out: 1 (whether a label holds is not known in row 3; change with a mark in every cell)" in said
    nothing = Table(pd.DataFrame({"p": [0, np.nan], "q": [np.nan, 0]}), "gaps")
    with pytest.raises(DataError, match="gaps has a gap among the labels of every row"):
        learnt(nothing, DataConfig(target="p,q"))


@pytest.mark.parametrize(
    ("tags", "words"), [(["a"] * 5, "has the same labels"), (["a;b", "b"], "has 2 examples: expected at")]
)
def test_what_cannot_be_learnt_is_refused(tags, words):
    with pytest.raises(DataError, match=words):
        learnt(table(tags))


def test_numbers_are_called_by_their_names(tmp_path):
    (tmp_path / "names.txt").write_text("joy\nfear\nawe\n")
    for names in (str(tmp_path / "names.txt"), "joy,fear,awe"):
        field, _ = learnt(table(["0;2", "1", "0", "2;1", "1"]), names=names)
        assert field.classes == ["awe", "fear", "joy"]
        assert field.encode(table(["0;2", "awe"])).tolist() == [[1, 0, 1], [1, 0, 0]]
    with pytest.raises(DataError, match="the label 'a': expected a name of --label-names"):
        learnt(table(), names="joy,fear")
    marks = Table(pd.DataFrame({"x": range(4), "p": [0, 1, 0, 1], "q": [1, 1, 0, 0]}), "marks")
    field, _ = learnt(marks, DataConfig(target="p,q"), names="joy,fear")
    asked = {"label_names": "joy,fear", "label_separator": ","}
    assert field.classes == ["p", "q"]
    assert {one.name for one in field.unused_options(asked, marks)} == asked.keys()


def test_names_are_a_file_or_a_list(tmp_path):
    with pytest.raises(OptionError, match=r"--label-names nowhere.txt: expected a file with a name per line"):
        names_in("nowhere.txt")
    with pytest.raises(OptionError, match="'a' occurs twice"):
        names_in("a,b,a")
    (tmp_path / "odd.txt").write_bytes(b"\xff\xfe\x00a")
    with pytest.raises(OptionError, match="expected a text file"):
        names_in(str(tmp_path / "odd.txt"))


def test_pictures_in_folders_have_one_label_each_and_pictures_alone_have_none():
    pixels = np.zeros((4, 2, 2, 1), np.uint8)
    field = Field(DataConfig())
    images = Images("shapes", np.array([0, 1, 1, 0]), ["dot", "line"], 1, pixels=pixels)
    field.take(images)
    field.require(images)
    assert field.encode(images).tolist() == [[1, 0], [0, 1], [0, 1], [1, 0]]
    with pytest.raises(DataError, match="alone has no labels: expected a table with a column of paths"):
        Field(DataConfig()).take(Images("alone", None, [], 1, pixels=pixels))
