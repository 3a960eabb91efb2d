"""Arrays handed over in Python."""

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images
from deepglass.data.preprocess.image import ImagePreprocessor
from deepglass.data.reading.roles import guess_task
from deepglass.data.reading.source import read

CONFIG = DataConfig()
rng = np.random.default_rng(0)


def test_rows_and_classes():
    table = read((rng.normal(size=(20, 3)), np.arange(20) % 2), CONFIG)
    assert list(table.frame.columns) == ["feature_1", "feature_2", "feature_3", "target"]
    assert table.target == "target"
    assert guess_task(table, CONFIG)[0] == "tabular-classification"


def test_a_frame_and_a_named_series():
    table = read((pd.DataFrame({"a": range(20)}), pd.Series(rng.normal(size=20), name="price")), CONFIG)
    assert table.target == "price"
    assert guess_task(table, CONFIG)[0] == "tabular-regression"


def test_texts_and_classes():
    texts = [f"a film that I liked {i} times" for i in range(20)]
    table = read((texts, ["good", "bad"] * 10), CONFIG)
    assert table.frame["text"][3] == texts[3]
    assert guess_task(table, CONFIG)[0] == "text-classification"


@pytest.mark.parametrize("shape", [(6, 5, 4), (6, 5, 4, 3)])
def test_pictures(shape):
    bytes_ = rng.integers(0, 256, shape, dtype=np.uint8)
    images = read((bytes_, ["a", "b"] * 3), CONFIG)
    assert isinstance(images, Images)
    assert images.classes == ["a", "b"]
    np.testing.assert_array_equal(images.pixels.reshape(shape), bytes_)
    shares = read(bytes_ / 255, CONFIG)
    fitted = ImagePreprocessor.fit(shares, np.arange(6))
    np.testing.assert_array_equal(fitted.pixels(shares, np.arange(6)).reshape(shape), bytes_)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ((np.ones((3, 2)), np.ones(4)), "X has 3 rows and y has 4"),
        (np.ones(5), r"X has shape \(5,\): expected rows"),
        (np.ones((2, 3, 4, 5, 6)), "videos are read from files, animated pictures"),
        (np.full((2, 3, 4), np.nan), r"2 pictures of 2 hold NaN or infinity \(number 0 first\)"),
        ([np.ones((3, 4)), np.ones((5, 4))], "different sizes: expected one size"),
        ((np.ones((3, 4, 4)), np.ones(2)), "X has 3 rows and y has 2"),
        (np.array([[1.0, np.inf], [2.0, 3.0]]), "column 'feature_2' holds infinity in row 1"),
        (pd.DataFrame({"a": []}), "has no rows"),
    ],
)
def test_what_does_not_fit_is_said(source, message):
    with pytest.raises(DataError, match=message):
        read(source, CONFIG)
