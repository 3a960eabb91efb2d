"""Descriptions become numbers that the learnt classes teach; what cannot be learnt, or tells nothing apart, is said."""

import numpy as np
import pytest

from deepglass.core.errors import DataError
from deepglass.data.descriptions import Coding, read_descriptions, require_apart

ANIMALS = {
    "horse": {"colour": "brown", "legs": 4.0, "coat": "plain"},
    "tiger": {"colour": "orange", "legs": 4.0, "coat": "striped"},
    "crow": {"colour": "black", "legs": 2.0, "coat": "plain"},
    "zebra": {"colour": "Black", "legs": 4.0, "coat": "striped"},
}
LEARNT = ["horse", "tiger", "crow"]


def told(folder, text):
    (folder / "animals.csv").write_text(text)
    return read_descriptions(folder / "animals.csv")


def test_words_and_numbers_of_a_class_that_was_not_learnt_by_hand():
    coding = Coding.fit(ANIMALS, LEARNT)
    assert coding.names == ["colour black", "colour brown", "colour orange", "legs", "coat plain", "coat striped"]
    assert coding.encode(ANIMALS, ["zebra"]).tolist() == [[1, 0, 0, 1, 0, 1]]


def test_texts_are_the_words_that_not_all_of_them_hold():
    texts = {"bee": {"text": "a striped insect"}, "bear": {"text": "a brown beast"}, "wasp": {"text": "striped, a bee"}}
    coding = Coding.fit(texts, ["bee", "bear"])
    assert coding.names == ["text beast", "text brown", "text insect", "text striped"]
    assert coding.encode(texts, ["wasp"]).tolist() == [[0, 0, 0, 1]]


def test_the_coding_comes_back_from_its_state():
    coding = Coding.fit(ANIMALS, LEARNT)
    again = Coding.from_state(coding.state())
    assert np.array_equal(again.encode(ANIMALS, list(ANIMALS)), coding.encode(ANIMALS, list(ANIMALS)))


def test_a_column_in_which_all_learnt_classes_agree_is_left_out_and_alone_it_is_refused():
    same = {name: {"alive": "yes", "legs": float(legs)} for name, legs in (("dog", 4), ("hen", 2), ("ant", 6))}
    assert Coding.fit(same, ["dog", "hen"]).left_out == ["alive"]
    with pytest.raises(DataError, match="all the same: expected a column in which they differ"):
        Coding.fit({name: {"alive": "yes"} for name in same}, ["dog", "hen"])


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"colour": "purple", "legs": 4.0, "coat": "plain"}, "purple.*no class of the training"),
        ({"colour": "black", "legs": "four", "coat": "plain"}, "legs of it is 'four': expected a number"),
        ({"colour": "black", "coat": "plain"}, "no column 'legs'"),
    ],
)
def test_what_nothing_could_have_learnt_is_refused(cells, said):
    with pytest.raises(DataError, match=said):
        Coding.fit(ANIMALS, LEARNT).encode({"it": cells}, ["it"])


def test_two_that_are_described_alike_are_named():
    with pytest.raises(DataError, match="owl, crow are described alike"):
        require_apart(np.array([[1.0, 0], [0, 1], [1, 0]]), ["owl", "elk", "crow"])


def test_a_file_gives_words_numbers_and_truth_values(tmp_path):
    found = told(tmp_path, "class,legs,colour,tame\nhorse,4,brown,true\ncrow,2,black,false\n")
    assert found == {"horse": {"legs": 4.0, "colour": "brown", "tame": "yes"},
                     "crow": {"legs": 2.0, "colour": "black", "tame": "no"}}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class,legs\nhorse,4\nhorse,2\n", "more than one row for horse"),
        ("class,legs,coat\nhorse,4,plain\ncrow,,plain\n", r"empty cells \(legs of crow\)"),
        ("class\nhorse\ncrow\n", "expected a table with a row for each class"),
    ],
)
def test_tables_that_say_too_little_are_refused(tmp_path, text, said):
    with pytest.raises(DataError, match=said):
        told(tmp_path, text)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"none\.csv"):
        read_descriptions(tmp_path / "none.csv")
