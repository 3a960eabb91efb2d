"""What cannot be learnt from is said before training, with what to do."""

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images, Table
from deepglass.data.reading.learnable import (
    ClassChoice,
    drop_rows_without_target,
    keep_classes,
    require_image_classes,
    require_learnable,
)


def table(y, splits=None):
    frame = pd.DataFrame({"x": np.arange(len(y), dtype=float), "y": pd.Series(y)})
    return Table(frame, "people", splits=splits or {})


@pytest.mark.parametrize(
    ("y", "is_classification", "message"),
    [
        (["a"], True, "people has 1 row: expected at least 3"),
        (["a"] * 5, True, "target 'y' of people is 'a' in every row: there is nothing to learn"),
        ([7.0] * 5, False, "target 'y' of people is '7.0' in every row"),
        ([None] * 5, True, "target 'y' of people is empty in every row"),
        (["a", "b", "a", "b", "c"], True, r"1 class with a single example \('c'\).*--classes a,b"),
        (["a", "b", "c", "d", "e"], True, "5 classes with a single example.*--task tabular-regression"),
        (["a", "b", "a", "b"], False, "holds words such as 'a': expected numbers"),
    ],
)
def test_targets_that_teach_nothing(y, is_classification, message):
    with pytest.raises(DataError, match=message):
        require_learnable(table(y), "y", is_classification=is_classification)


def test_a_target_alone_is_not_enough():
    alone = Table(pd.DataFrame({"y": ["a", "b"] * 5}), "people")
    with pytest.raises(DataError, match="no column besides the target"):
        require_learnable(alone, "y", is_classification=True)


def test_test_classes_that_training_does_not_know():
    splits = {"train": np.arange(4), "test": np.arange(4, 6)}
    with pytest.raises(DataError, match=r"the test split has 1 class that train does not have \(c\)"):
        require_learnable(table(["a", "b", "a", "b", "c", "c"], splits), "y", is_classification=True)


@pytest.mark.parametrize(("y", "is_classification"), [(["a", "b"] * 5, True), ([1.0, 2.0, 3.0], False)])
def test_good_targets_pass(y, is_classification):
    require_learnable(table(y), "y", is_classification=is_classification)


def test_rows_without_target_are_left_out_aloud_and_splits_follow():
    data = table(["a", None, "b", "a", "b"], {"train": np.arange(3), "test": np.arange(3, 5)})
    (guess,) = drop_rows_without_target(data, "y")
    assert "row 2" in str(guess)
    assert data.frame["x"].tolist() == [0, 2, 3, 4]
    assert {split: rows.tolist() for split, rows in data.splits.items()} == {"train": [0, 1], "test": [2, 3]}
    assert drop_rows_without_target(data, "y") == []


def test_classes_of_a_table_can_be_chosen():
    data = table(pd.Categorical(["a", "b", "c", "a"]))
    keep_classes(data, DataConfig(classes="a, c"), "y")
    assert data.frame["y"].tolist() == ["a", "c", "a"]
    assert list(data.frame["y"].cat.categories) == ["a", "c"]
    with pytest.raises(OptionError, match="'z' does not occur; the classes are a, c"):
        keep_classes(data, DataConfig(classes="z"), "y")


def pictures(labels, classes):
    pixels = np.arange(len(labels), dtype=np.uint8).reshape(-1, 1, 1, 1)
    return Images("p", np.array(labels), classes, 1, pixels=pixels, splits={"test": np.array([len(labels) - 1])})


def test_classes_of_pictures_can_be_chosen():
    images = pictures([0, 1, 2, 2], ["a", "b", "c"])
    keep_classes(images, DataConfig(classes="a,c"))
    assert images.classes == ["a", "c"]
    assert images.labels.tolist() == [0, 1, 1]
    assert images.pixels.ravel().tolist() == [0, 2, 3]
    assert images.splits["test"].tolist() == [2]


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [([0, 0], ["a"], "only the class 'a'"), ([0, 0, 1], ["a", "b"], r"1 class with a single example \('b'\)")],
)
def test_pictures_that_teach_nothing(labels, classes, message):
    with pytest.raises(DataError, match=message):
        require_image_classes(pictures(labels, classes))


def rare():
    return table(pd.Categorical(["a"] * 5 + ["b"] * 5 + [f"single {i}" for i in range(40)]))


def test_rare_classes_are_left_out_or_joined_aloud():
    data = rare()
    choice = keep_classes(data, DataConfig(rare_classes="drop"), "y")
    assert sorted(set(data.frame["y"])) == ["a", "b"]
    assert len(choice.left_out) == 40
    assert "40 classes left out" in str(choice.guesses[0])
    data = rare()
    choice = keep_classes(data, DataConfig(rare_classes="other"), "y")
    assert (data.frame["y"] == "other").sum() == 40
    assert len(choice.joined) == 40
    assert ClassChoice.from_state(choice.state()).joined == choice.joined


def test_one_rare_class_alone_makes_no_other():
    data = table(pd.Categorical(["a", "b"] * 3 + ["c"]))
    choice = keep_classes(data, DataConfig(rare_classes="other"), "y")
    assert (choice.left_out, choice.joined) == (("c",), ())
    again = table(pd.Categorical(["a", "b"] * 3 + ["c", "other"]))
    assert keep_classes(again, DataConfig(rare_classes="other"), "y").joined == ("c", "other")


def test_rare_classes_of_pictures():
    for way, classes in (("drop", ["a", "b"]), ("other", ["a", "b", "other"])):
        images = pictures([0, 0, 1, 1, 2, 3], ["a", "b", "c", "d"])
        keep_classes(images, DataConfig(rare_classes=way))
        assert images.classes == classes
        assert images.labels.tolist() == [0, 0, 1, 1, 2, 2][: len(images)]


def test_the_advice_for_many_rare_classes_can_be_typed():
    with pytest.raises(
        DataError, match=r"40 classes with a single example .*--rare-classes drop .*, or join them with --rare-"
    ):
        require_learnable(rare(), "y", is_classification=True)
