"""Arrays of pictures: where the channels are, and labels in every form."""

import numpy as np
import pytest
from PIL import Image

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.reading.picture_arrays import from_picture_array, labels_of, with_channels_last
from deepglass.data.reading.source import read


@pytest.mark.parametrize(
    ("shape", "expected", "is_first"),
    [
        ((6, 28, 20), (6, 28, 20, 1), False),
        ((6, 28, 20, 3), (6, 28, 20, 3), False),
        ((6, 3, 28, 20), (6, 28, 20, 3), True),
        ((6, 1, 28, 28), (6, 28, 28, 1), True),
        ((6, 28, 28, 1), (6, 28, 28, 1), False),
        ((6, 4, 32, 32), (6, 32, 32, 4), True),
        ((6, 32, 32, 2), (6, 32, 32, 2), False),
        ((6, 13, 64, 64), (6, 64, 64, 13), True),
        ((6, 64, 64, 13), (6, 64, 64, 13), False),
        ((6, 3, 3, 3), (6, 3, 3, 3), False),
        ((6, 28, 28, 28), (6, 28, 28, 28), False),
    ],
)
def test_the_axis_of_the_channels_is_found(shape, expected, is_first):
    array = np.arange(np.prod(shape)).reshape(shape)
    pixels, guesses = with_channels_last(array)
    assert pixels.shape == expected
    assert any(guess.what == "axes" for guess in guesses) is is_first
    if is_first:
        np.testing.assert_array_equal(pixels[2, ..., 0], array[2, 0])


def test_other_channels_than_a_screens_are_said():
    assert "published weights" in str(with_channels_last(np.zeros((2, 8, 8, 5)))[1][0])
    assert with_channels_last(np.zeros((2, 8, 8, 3)))[1] == []


def test_no_axis_can_be_that_of_channels():
    with pytest.raises(DataError, match="at most 64 channels"):
        with_channels_last(np.zeros((2, 100, 90, 110)))


@pytest.mark.parametrize(
    "y",
    [
        [1, 0, 2, 0],
        np.array([[1], [0], [2], [0]]),
        [1.0, 0.0, 2.0, 0.0],
        np.eye(3)[[1, 0, 2, 0]],
        ["b", "a", "c", "a"],
        np.array([True, False, True, False]),
    ],
)
def test_labels_in_every_form(y):
    labels, classes = labels_of(y, 4)
    assert labels.dtype == np.int64
    assert labels.tolist() == ([1, 0, 1, 0] if len(classes) == 2 else [1, 0, 2, 0])


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.array([[1, 1], [0, 1], [1, 0]]), "several labels of one picture"),
        ([0.5, 1.2, 3.0], "numbers with fractions"),
        ([1, 2], "X has 3 rows and y has 2"),
    ],
)
def test_labels_that_are_no_classes(y, message):
    with pytest.raises(DataError, match=message):
        labels_of(y, 3)


def test_values_stay_as_they_are():
    for dtype in (np.uint8, np.uint16, np.int64, np.float32):
        images = from_picture_array(np.full((3, 4, 4), 7, dtype))
        assert images.pixels.dtype == dtype
        assert images.is_deep is (dtype != np.uint8)
    with pytest.raises(DataError, match="pixels of type <U1"):
        from_picture_array(np.full((3, 4, 4), "a"))


def test_a_list_of_pictures_is_an_array():
    images = read(([Image.new("RGB", (8, 6), (i, 0, 0)) for i in range(4)], list("abab")), DataConfig())
    assert images.pixels.shape == (4, 6, 8, 3)
    assert images.classes == ["a", "b"]
