"""IDX files: a folder, a file with its neighbours, and files that are broken."""

import gzip
import struct

import numpy as np
import pytest

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.reading.source import read

PICTURES = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
LABELS = np.array([0, 2, 1, 2, 0], np.uint8)


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture
def folder(tmp_path):
    for prefix, count in (("train", 5), ("t10k", 2)):
        (tmp_path / f"{prefix}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(PICTURES[:count]), mtime=0))
        (tmp_path / f"{prefix}-labels-idx1-ubyte").write_bytes(idx(LABELS[:count]))
    return tmp_path


@pytest.mark.parametrize("name", [".", "train-images-idx3-ubyte.gz"])
def test_pictures_labels_and_the_test_split(folder, name):
    images = read(folder / name, DataConfig())
    assert images.pixels.shape == (7, 4, 3, 1)
    np.testing.assert_array_equal(images.pixels[:5, ..., 0], PICTURES)
    assert images.labels.tolist() == [*LABELS, 0, 2]
    assert images.classes == ["0", "1", "2"]
    assert {split: rows.tolist() for split, rows in images.splits.items()} == {"train": [0, 1, 2, 3, 4], "test": [5, 6]}


def test_the_test_file_alone(folder):
    images = read(folder / "t10k-images-idx3-ubyte.gz", DataConfig())
    assert len(images) == 2
    assert images.splits == {}


def test_pictures_without_labels(folder):
    (folder / "t10k-labels-idx1-ubyte").unlink()
    assert read(folder / "t10k-images-idx3-ubyte.gz", DataConfig()).labels is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (idx(PICTURES)[:-3], "expected 60 bytes .* got 57"),
        (idx(PICTURES)[:9], "ends inside its header"),
        (idx(LABELS), "expected to begin with 00 00 08 03, got 00 00 08 01"),
        (b"", "is empty"),
        (gzip.compress(idx(PICTURES), mtime=0)[:-12], "damaged gzip"),
    ],
)
def test_broken_files(folder, content, message):
    (folder / "train-images-idx3-ubyte.gz").write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read(folder, DataConfig())
    assert "train-images-idx3-ubyte.gz" in str(caught.value)


def test_as_many_labels_as_pictures(folder):
    (folder / "train-labels-idx1-ubyte").write_bytes(idx(LABELS[:4]))
    with pytest.raises(DataError, match="4 labels for 5 pictures"):
        read(folder, DataConfig())
