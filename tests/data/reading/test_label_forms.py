"""Which form labels have: as asked, where it is plain, and where names merely hold commas."""

import json

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import OptionError
from deepglass.data.config import DataConfig
from deepglass.data.reading.label_forms import columns_asked, form_named, form_of_cells, plain_labels
from deepglass.data.reading.labels import HOT, LIST, LabelForm


def sets(count=60, seed=0):
    """Zero to three of five words for each row."""
    rng = np.random.default_rng(seed)
    words = ["sports", "politics", "film", "music", "food"]
    return [list(rng.choice(words, rng.integers(0, 4), replace=False)) for _ in range(count)]


WRITTEN = {
    ";": ";".join,
    "|": "|".join,
    ",": ", ".join,
    LIST: json.dumps,
    "python": repr,
}


def texts(count=60):
    rng = np.random.default_rng(1)
    return [" ".join(rng.choice([f"word{i}" for i in range(60)], 7)) for _ in range(count)]


@pytest.mark.parametrize("sign", WRITTEN)
def test_lists_of_labels_are_plain(sign):
    cells = [WRITTEN[sign]([str(word) for word in labels]) for labels in sets()]
    form = form_of_cells(pd.Series(cells, name="subject"))
    assert form == LabelForm(("subject",), LIST if sign == "python" else sign)


NAMES = {
    "places": ["Austin, TX", "Dallas, TX", "Boston, MA", "Salem, MA", "Salem, OR", "Austin, MN"] * 4,
    "people": ["Smith, John", "Meyer, Ann", "Smith, Ann", "Poe, Edgar", "Twain, Mark"] * 4,
    "classes": ["iris setosa", "iris virginica", "iris versicolor"] * 5,
    "one class": ["red", "green", "blue"] * 5,
    "pairs": [f"{a}/{b}" for a in "xyz" for b in "abc"] * 3,
    "sentences": ["well, it was good", "no, never", "so, so", "it was good, and long"] * 3,
    "fractions": ["1/2", "3/4", "1/4"] * 4,
}


@pytest.mark.parametrize("name", NAMES)
def test_names_with_signs_inside_are_no_lists(name):
    assert form_of_cells(pd.Series(NAMES[name], name="subject")) is None
    frame = pd.DataFrame({"text": texts(len(NAMES[name])), "label": NAMES[name]})
    assert plain_labels(frame, DataConfig()) is None


def test_blanks_part_labels_in_a_column_that_is_called_so():
    cells = [" ".join(labels) for labels in sets(80)]
    assert form_of_cells(pd.Series(cells, name="tags")) == LabelForm(("tags",), " ")
    assert form_of_cells(pd.Series(cells, name="subject")) is None


def test_lists_of_zeros_and_ones():
    cells = [repr([int(bit) for bit in row]) for row in np.random.default_rng(0).integers(0, 2, (20, 3))]
    assert form_of_cells(pd.Series(cells, name="labels")) == LabelForm(("labels",), HOT)


def test_columns_are_named_one_by_one_or_by_a_pattern():
    frame = pd.DataFrame({"tag_a": [0], "tag_b": [1], "tag,c": [0], "text": ["x"]})
    assert columns_asked(frame, "tag_a, tag_b") == ("tag_a", "tag_b")
    assert columns_asked(frame, "tag_*") == ("tag_a", "tag_b")
    assert columns_asked(frame, "tag,c") == ("tag,c",)
    with pytest.raises(OptionError, match=r"--target: unknown column 'tag_x'; did you mean 'tag_b'"):
        columns_asked(frame, "tag_a,tag_x")
    with pytest.raises(OptionError, match=r"unknown column 'nope_\*'"):
        columns_asked(frame, "nope_*")


def test_a_form_that_is_asked_for():
    frame = pd.DataFrame({"a": [0, 1], "b": ["x~y", "y"], "c": ["u/v", "w"], "d": ["one", "two"]})
    assert form_named(frame, "a") == LabelForm(("a",))
    assert form_named(frame, "a,d") == LabelForm(("a", "d"))
    assert form_named(frame, "b", "~") == LabelForm(("b",), "~")
    assert form_named(frame, "c", "slash") == LabelForm(("c",), "/")
    assert form_named(frame, "c", "none") == LabelForm(("c",), "")
    with pytest.raises(OptionError, match=r"--label-separator semicolon: no cell of 'b' has it, such as 'x~y'"):
        form_named(frame, "b", "semicolon")
    assert form_named(frame, "c") == LabelForm(("c",), "/")
    assert form_named(frame, "d") == LabelForm(("d",), "")


def test_columns_of_yes_and_no_beside_a_text_are_plain():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"id": np.arange(60), "comment_text": texts(), "toxic": rng.integers(0, 2, 60),
                          "insult": rng.integers(0, 2, 60), "threat": rng.integers(0, 2, 60)})  # fmt: skip
    form, why = plain_labels(frame, DataConfig())
    assert form == LabelForm(("toxic", "insult", "threat"))
    assert why == "beside 'comment_text' are 3 columns of yes and no"
    frame["files"] = [f"{i}.jpg" for i in range(60)]
    assert plain_labels(frame.drop(columns="comment_text"), DataConfig())[0] == form


def test_classes_that_exclude_each_other_are_no_labels():
    one = np.eye(3, dtype=int)[np.random.default_rng(0).integers(0, 3, 60)]
    frame = pd.DataFrame({"text": texts(), **{f"c{i}": one[:, i] for i in range(3)}})
    assert plain_labels(frame, DataConfig()) is None


def test_columns_of_yes_and_no_among_others_are_plain_where_they_are_asked_for():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.integers(0, 2, (40, 4)), columns=list("abcd")).assign(size=rng.normal(size=40))
    assert plain_labels(frame, DataConfig()) is None
    form, why = plain_labels(frame, DataConfig(target="a,c"))
    assert form == LabelForm(("a", "c"))
    assert why == "--target names 2 columns of yes and no"
    assert plain_labels(frame, DataConfig(target="a,size")) is None
    assert plain_labels(frame, DataConfig(target="a,nope")) is None
    assert plain_labels(frame, DataConfig(target="a")) is None


def test_a_usual_name_is_looked_at_among_other_columns():
    cells = ["|".join(labels) for labels in sets()]
    frame = pd.DataFrame({"year": np.arange(60) % 7, "genres": cells, "budget": np.arange(60.0)})
    form, why = plain_labels(frame, DataConfig())
    assert form == LabelForm(("genres",), "|")
    assert why == "cells of 'genres' list labels"
    assert plain_labels(frame.rename(columns={"genres": "hobbies"}), DataConfig()) is None


def test_a_text_of_few_words_is_no_list():
    rng = np.random.default_rng(0)
    few = [" ".join(rng.choice(["the", "film", "was", "dull"], rng.integers(3, 9))) for _ in range(90)]
    frame = pd.DataFrame({"note": few, "label": rng.choice(["good", "bad"], 90)})
    assert plain_labels(frame, DataConfig()) is None
