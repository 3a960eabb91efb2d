"""Several labels of one example are read in every form in which people write them."""

import json

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.reading.labels import HOT, LIST, LabelForm, parts_of, read_labels
from deepglass.data.reading.source import read

FORMS = {  # cell → with this separator
    ";": (["a;b", "c", "a; c ;", ""], ";"),
    "commas": (["a,b", "c", " a , c", ""], ","),
    "bars": (["a|b", "c", "a|c", ""], "|"),
    "blanks": (["a b", "c", "a  c", ""], " "),
    "JSON": (['["a", "b"]', '["c"]', '["a","c"]', "[]"], LIST),
    "Python": (["['a', 'b']", "['c']", "['a', 'c']", "[]"], LIST),
    "NumPy": (["['a' 'b']", "['c']", "['a' 'c']", "[]"], LIST),
    "tuples and sets": (["('a', 'b')", "('c',)", "{'a', 'c'}", "()"], LIST),
    "without quotes": (["[a, b]", "[c]", "[a, c]", "[]"], LIST),
    "lists that came as such": (["a\nb", "c", "a\nc", ""], LIST),
}


@pytest.mark.parametrize("name", FORMS)
def test_cells_that_list_labels(name):
    cells, separator = FORMS[name]
    found = read_labels(pd.DataFrame({"tags": cells}), LabelForm(("tags",), separator))
    assert found.names == ["a", "b", "c"]
    assert found.is_true.astype(int).tolist() == [[1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 0, 0]]
    assert found.is_known.all()


def test_an_empty_cell_is_an_example_without_labels():
    frame = pd.DataFrame({"tags": ["a;b", None, np.nan, "a"]})
    found = read_labels(frame, LabelForm(("tags",), ";"))
    assert found.is_true.sum(axis=1).tolist() == [2, 0, 0, 1]
    assert found.is_known.all()


def test_a_label_that_a_cell_names_twice_counts_once_and_is_counted():
    found = read_labels(pd.DataFrame({"tags": ["a;a;b", "b", "a;a;b"]}), LabelForm(("tags",), ";"))
    assert found.is_true.astype(int).tolist() == [[1, 1], [0, 1], [1, 1]]
    assert found.repeated == 2


def test_a_comma_inside_quotes_belongs_to_the_label():
    assert parts_of('["sports, local", "x"]', LIST) == ["sports, local", "x"]
    assert parts_of("['it\\'s', \"b\"]", LIST) == ["it's", "b"]
    assert parts_of('["caf\\u00e9"]', LIST) == ["café"]
    assert parts_of("'a';\"b\"", ";") == ["a", "b"]


def test_a_list_of_numbers_as_numpy_prints_it():
    assert parts_of("[1 12 3]", LIST) == ["1", "12", "3"]
    assert parts_of("[1. 12. 3.]", LIST) == ["1", "12", "3"]
    assert parts_of("[1.0, 2]", LIST) == ["1", "2"]


def test_labels_that_are_numbers_are_in_their_order():
    found = read_labels(pd.DataFrame({"tags": ["2,14", "27", "3"]}), LabelForm(("tags",), ","))
    assert found.names == ["2", "3", "14", "27"]


def test_lists_of_zeros_and_ones_say_where_a_label_is():
    frame = pd.DataFrame({"tags": ["[0, 1, 1]", "[1, 0, 0]", "[0. 0. 0.]"]})
    found = read_labels(frame, LabelForm(("tags",), HOT, ("x", "y", "z")))
    assert found.names == ["x", "y", "z"]
    assert found.is_true.astype(int).tolist() == [[0, 1, 1], [1, 0, 0], [0, 0, 0]]
    assert read_labels(frame, LabelForm(("tags",), HOT)).names == ["0", "1", "2"]


MARKS = {
    "numbers": ([1, 0, 1], [0, 0, 1]),
    "truths": ([True, False, True], [False, False, True]),
    "words": (["yes", "no", "Yes"], ["no", "No", "yes"]),
    "letters": (["Y", "N", "y"], ["n", "N", "Y"]),
    "written truths": (["TRUE", "false", "True"], ["FALSE", "False", "true"]),
    "crosses": (["x", None, "X"], [None, None, "x"]),
    "ones alone": ([1.0, np.nan, 1.0], [np.nan, np.nan, 1.0]),
    "minus one for no": ([1, -1, 1], [-1, -1, 1]),
}


@pytest.mark.parametrize("name", MARKS)
def test_a_column_per_label(name):
    first, second = MARKS[name]
    found = read_labels(pd.DataFrame({"b": first, "a": second}), LabelForm(("b", "a")))
    assert found.names == ["b", "a"]
    assert found.is_true.astype(int).tolist() == [[1, 0], [0, 0], [1, 1]]
    assert found.is_known.all()


def test_a_gap_among_zeros_and_ones_is_not_known():
    found = read_labels(pd.DataFrame({"a": [1, 0, np.nan], "b": ["yes", "no", "yes"]}), LabelForm(("a", "b")))
    assert found.is_known.tolist() == [True, True, False]


def test_a_column_that_is_neither_yes_nor_no_names_cells_and_rows():
    frame = pd.DataFrame({"a": [1, 0, 1], "b": [0, 7, 3]})
    with pytest.raises(DataError, match=r"column 'b' holds '7', '3' in rows 2, 3: expected one mark for yes"):
        read_labels(frame, LabelForm(("a", "b")))
    with pytest.raises(DataError, match=r"there is no column 'c', which holds labels"):
        read_labels(frame, LabelForm(("a", "c")))


def test_numbers_get_their_names_counted_from_0():
    form = LabelForm(("tags",), ",", ("joy", "fear", "awe"))
    found = read_labels(pd.DataFrame({"tags": ["0,2", "1", "awe"]}), form)
    assert found.names == ["awe", "fear", "joy"]
    assert found.is_true.astype(int).tolist() == [[1, 0, 1], [0, 1, 0], [1, 0, 0]]
    with pytest.raises(DataError, match=r"the label '3': expected a name of --label-names, or a number from 0 to 2"):
        read_labels(pd.DataFrame({"tags": ["0,3"]}), form)


def test_labels_in_another_order_and_without_those_that_are_not_known():
    found = read_labels(pd.DataFrame({"tags": ["a;b", "c"]}), LabelForm(("tags",), ";"))
    assert found.placed(["c", "nobody", "a"]).astype(int).tolist() == [[0, 0, 1], [1, 0, 0]]


def test_a_form_is_kept_as_json():
    for form in (LabelForm(("a", "b")), LabelForm(("tags",), ";", ("x",))):
        assert LabelForm.from_state(json.loads(json.dumps(form.state()))) == form


WRITTEN = {  # how a file says the same labels as ["a", "b"], ["c"], [], ["a"]
    "csv": 'text,tags\none two three,"a,b"\nfour five six,c\nseven eight nine,\nten eleven twelve,a\n',
    "tsv": "text\ttags\none two three\ta;b\nfour five six\tc\nseven eight nine\t\nten eleven twelve\ta\n",
    "jsonl": "".join(
        json.dumps({"text": text, "tags": tags}) + "\n"
        for text, tags in (("one two", ["a", "b"]), ("three", ["c"]), ("four", []), ("five", ["a"]))
    ),
}


@pytest.mark.parametrize("ending", WRITTEN)
def test_every_kind_of_file_says_the_same(tmp_path, ending):
    path = tmp_path / f"texts.{ending}"
    path.write_text(WRITTEN[ending])
    frame = read(path, DataConfig()).frame
    separator = {"csv": ",", "tsv": ";", "jsonl": LIST}[ending]
    found = read_labels(frame, LabelForm(("tags",), separator))
    assert found.names == ["a", "b", "c"]
    assert found.is_true.astype(int).tolist() == [[1, 1, 0], [0, 0, 1], [0, 0, 0], [1, 0, 0]]


def test_a_list_column_of_parquet(tmp_path):
    frame = pd.DataFrame({"text": ["one two", "three", "four", "five"], "tags": [["a", "b"], ["c"], [], ["a"]]})
    frame.to_parquet(tmp_path / "texts.parquet")
    read_back = read(tmp_path / "texts.parquet", DataConfig()).frame
    found = read_labels(read_back, LabelForm(("tags",), LIST))
    assert found.is_true.astype(int).tolist() == [[1, 1, 0], [0, 0, 1], [0, 0, 0], [1, 0, 0]]
