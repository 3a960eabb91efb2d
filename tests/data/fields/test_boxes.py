"""Boxes as targets: shares of the picture, classes of the training, and what is said of others."""

import numpy as np
import pytest

from deepglass.core.errors import DataError
from deepglass.data.boxed_pictures import BoxedPictures
from deepglass.data.config import DataConfig
from deepglass.data.fields import boxes as field
from deepglass.data.fields.boxes import Field

SIZE = (30, 40)  # height, width


def made(*pictures, classes=("cell", "plate", "worm")):
    """Pictures of (class, box) each."""
    count = len(pictures)
    return BoxedPictures(
        "made",
        None,
        list(classes),
        3,
        pixels=np.zeros((count, *SIZE, 3), np.uint8),
        names=[f"{i}.png" for i in range(count)],
        sizes=np.array([SIZE] * count),
        boxes=[np.array([box for _, box in part], np.float32).reshape(-1, 4) for part in pictures],
        box_labels=[np.array([classes.index(name) for name, _ in part], np.int64) for part in pictures],
        states=[np.zeros(len(part), np.int64) for part in pictures],
    )


def fitted(data, rows):
    found = Field(DataConfig())
    found.fit(data, np.array(rows))
    return found


CELL, PLATE, WORM = ("cell", (4, 3, 20, 30)), ("plate", (0, 0, 40, 15)), ("worm", (10, 10, 20, 20))


def test_targets_are_shares_of_the_picture_with_rows_that_stand_for_nothing():
    data = made([CELL, PLATE], [], [CELL])
    targets = fitted(data, [0, 1, 2]).encode(data)
    assert targets.shape == (3, 2, 6)
    np.testing.assert_allclose(targets[0], [[0.1, 0.1, 0.5, 1, 0, 0], [0, 0, 1, 0.5, 1, 0]], rtol=1e-6)
    assert targets[1, :, 5].tolist() == [-1, -1]
    assert targets[2, :, 5].tolist() == [0, -1]


def test_classes_are_those_of_the_training_and_others_are_said():
    data = made([CELL], [PLATE], [WORM, PLATE])
    found = fitted(data, [0, 1])
    assert found.labels == ["cell", "plate"]
    assert found.class_counts.tolist() == [1, 1]
    assert found.encode(data)[2, :, 4:].tolist() == [[1, 0], [0, -1]][: found.encode(data).shape[1]]
    assert "'worm' (1)" in found.remarks()[0]


def test_new_data_with_other_classes(capsys):
    found = fitted(made([CELL]), [0])
    mixed = made([("worm", (1, 1, 9, 9)), ("cell", (2, 2, 8, 8))], classes=("worm", "cell"))
    found.select(mixed)
    assert "'worm' (1)" in capsys.readouterr().err
    assert found.encode(mixed)[0, :, 4].tolist() == [0]  # by name, not by position
    with pytest.raises(DataError, match="none of which the model knows: expected cell"):
        found.select(made([WORM]))


def test_every_split_gets_some_of_the_rarest():
    data = made(*([[CELL, PLATE]] * 4 + [[CELL]] * 4 + [[]] * 2 + [[WORM]]))
    assert Field(DataConfig()).strata(data).tolist() == [1] * 4 + [0] * 4 + [3] * 3  # a single worm cannot be divided


def test_nothing_to_learn_from_is_refused():
    with pytest.raises(DataError, match="no box in the 1 picture of the training"):
        fitted(made([CELL], []), [1])


def test_targets_that_would_fill_the_memory_are_refused_with_the_fullest_picture(monkeypatch):
    monkeypatch.setattr(field, "MOST_BYTES", 100)
    with pytest.raises(DataError, match=r"1\.png has 3 boxes"):
        Field(DataConfig()).require(made([CELL], [CELL, PLATE, WORM]))


def test_the_state_is_read_back():
    first = fitted(made([CELL, PLATE]), [0])
    other = Field(DataConfig())
    other.load_state(first.state())
    assert other.labels == first.labels
    with pytest.raises(ValueError, match="different classes"):
        other.load_state({"classes": ["a", "a"], "class_counts": [1, 1]})
